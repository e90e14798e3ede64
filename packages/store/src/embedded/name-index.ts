import type { MetricType } from "@pushfleet/exposition";
import { type Group, jobOf } from "@pushfleet/groups";
import { parseShapeKey, type Shape, shapeKey } from "../shapes.ts";

/** How many groups hold a name with this type. */
export interface Holders {
  readonly type: MetricType;
  readonly holders: number;
}

const nobody: readonly Holders[] = [];

/**
 * The names in use across groups: of families, with their types, and of grouping labels, as shapes per job. A family name has one
 * type, unless regions that did not know of each other gave it several.
 */
export class NameIndex {
  readonly #families = new Map<string, { type: MetricType; holders: number }[]>();
  #ambiguous = 0;
  readonly #shapes = new Map<string, Map<string, { readonly shape: Shape; groups: number }>>();

  /** Never with 0 holders; empty when nobody holds the name. */
  heldTypes(name: string): readonly Holders[] {
    return this.#families.get(name) ?? nobody;
  }

  /** How many names are held with several types. */
  ambiguousNames(): number {
    return this.#ambiguous;
  }

  /** One more group holds the family with this type. */
  hold(name: string, type: MetricType): void {
    const types = this.#families.get(name);
    const entry = types?.find((each) => each.type === type);
    if (entry !== undefined) entry.holders++;
    else if (types !== undefined) {
      if (types.push({ type, holders: 1 }) === 2) this.#ambiguous++;
    } else this.#families.set(name, [{ type, holders: 1 }]);
  }

  release(name: string, type: MetricType): void {
    const types = this.#families.get(name);
    const place = types?.findIndex((each) => each.type === type) ?? -1;
    const entry = types?.[place];
    if (types === undefined || entry === undefined || --entry.holders > 0) return;
    types.splice(place, 1);
    if (types.length === 1) this.#ambiguous--;
    if (types.length === 0) this.#families.delete(name);
  }

  *shapesBeside(group: Group): Generator<Shape> {
    for (const { shape } of this.#shapes.get(jobOf(group))?.values() ?? []) yield shape;
  }

  /** How many groups have this job: of as many shapes, few. */
  groupsOf(job: string): number {
    let sum = 0;
    for (const { groups } of this.#shapes.get(job)?.values() ?? []) sum += groups;
    return sum;
  }

  addGroup(group: Group): void {
    const job = jobOf(group);
    const shapes = this.#shapes.get(job) ?? new Map<string, { readonly shape: Shape; groups: number }>();
    this.#shapes.set(job, shapes);
    const key = shapeKey(group.labels);
    const entry = shapes.get(key);
    if (entry === undefined) shapes.set(key, { shape: parseShapeKey(key), groups: 1 });
    else entry.groups++;
  }

  removeGroup(group: Group): void {
    const job = jobOf(group);
    const shapes = this.#shapes.get(job);
    const key = shapeKey(group.labels);
    const entry = shapes?.get(key);
    if (shapes === undefined || entry === undefined || --entry.groups > 0) return;
    shapes.delete(key);
    if (shapes.size === 0) this.#shapes.delete(job);
  }
}
