import type { MetricType } from "@pushfleet/exposition";
import { type Group, jobOf } from "@pushfleet/groups";
import { parseShapeKey, type Shape, shapeKey } from "../shapes.ts";

/** The names in use across groups: of families, with their one type, and of grouping labels, as shapes per job. */
export class NameIndex {
  readonly #families = new Map<string, { readonly type: MetricType; holders: number }>();
  readonly #shapes = new Map<string, Map<string, { readonly shape: Shape; groups: number }>>();

  heldType(name: string): { readonly type: MetricType; readonly holders: number } | undefined {
    return this.#families.get(name);
  }

  /** One more group holds the family; the type is the name's one, unless nobody holds it. */
  hold(name: string, type: MetricType): void {
    const entry = this.#families.get(name);
    if (entry === undefined) this.#families.set(name, { type, holders: 1 });
    else entry.holders++;
  }

  release(name: string): void {
    const entry = this.#families.get(name);
    if (entry !== undefined && --entry.holders === 0) this.#families.delete(name);
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
