import type { Label, Steps } from "@pushfleet/exposition";
import { type AdmittedMetrics, type GroupId, jobOf } from "@pushfleet/groups";
import { parseShapeKey, rivalGroups, type Shape, type StoredFamily, shapeKey } from "@pushfleet/store";
import { type FoldedGroup, isShowable } from "../folded-group.ts";
import { Tally } from "../tally.ts";
import { type Series, seriesOf } from "./series.ts";

/** Series that two groups hold in families of one name and type. */
export interface Duplicate {
  readonly groups: readonly [GroupId, GroupId];
  readonly name: string;
  /** Never empty. */
  readonly identities: ReadonlySet<string>;
}

/**
 * Finds series that two groups hold. Only groups of one job can, with other label names than each other's: while each job has
 * one shape, nothing is looked at.
 */
export class Duplicates {
  readonly #groups: ReadonlyMap<GroupId, FoldedGroup>;
  readonly #shapes = new Map<string, JobShapes>();
  /** Jobs of several shapes. */
  readonly #mixedJobs = new Set<string>();
  /** Each under both its groups. */
  readonly #found = new Map<GroupId, Set<Duplicate>>();

  /** @param groups All there are: changes are told of here after they are in it. */
  constructor(groups: ReadonlyMap<GroupId, FoldedGroup>) {
    this.#groups = groups;
  }

  /** All that were found, each at least once. */
  *found(): Generator<Duplicate> {
    for (const duplicates of this.#found.values()) yield* duplicates;
  }

  appeared({ state }: FoldedGroup): void {
    const job = jobOf(state);
    let shapes = this.#shapes.get(job);
    if (shapes === undefined) {
      shapes = new JobShapes();
      this.#shapes.set(job, shapes);
    }
    shapes.add(state.labels);
    if (shapes.count > 1) this.#mixedJobs.add(job);
  }

  vanished({ state }: FoldedGroup): void {
    const job = jobOf(state);
    const shapes = this.#shapes.get(job);
    shapes?.remove(state.labels);
    if (shapes === undefined || shapes.count < 2) this.#mixedJobs.delete(job);
    if (shapes?.count === 0) this.#shapes.delete(job);
  }

  /**
   * Looks at groups that have changed, appeared or vanished, after all those were told. True when one of them has, or had,
   * a series that another has.
   */
  *look(ids: Iterable<GroupId>): Steps<boolean> {
    if (this.#mixedJobs.size === 0 && this.#found.size === 0) return false;
    let isAny = false;
    const reader = new SeriesReader();
    for (const id of ids) {
      isAny = this.#forget(id) || isAny;
      const group = this.#groups.get(id);
      if (group === undefined || !this.#mixedJobs.has(jobOf(group.state))) continue;
      for (const rival of this.#rivalsOf(group, reader)) {
        for (const name of sharedNames(group, rival)) {
          const identities = reader.shared(name, group, rival);
          if (identities.size === 0) continue;
          this.#remember({ groups: [id, rival.state.id], name, identities });
          isAny = true;
          yield;
        }
      }
      yield;
    }
    return isAny;
  }

  *#rivalsOf(group: FoldedGroup, reader: SeriesReader): Generator<FoldedGroup> {
    const { state, key } = group;
    const shapes = this.#shapes.get(jobOf(state))?.shapes ?? [];
    const families = state.families.filter(isShowable).map((family) => ({ metrics: reader.metrics(family) }));
    for (const id of rivalGroups({ id: state.id, labels: state.labels, key }, families, shapes).keys()) {
      const rival = this.#groups.get(id);
      if (rival !== undefined) yield rival;
    }
  }

  #remember(duplicate: Duplicate): void {
    for (const id of duplicate.groups) this.#found.set(id, (this.#found.get(id) ?? new Set()).add(duplicate));
  }

  /** True when there was something to forget. */
  #forget(id: GroupId): boolean {
    const duplicates = this.#found.get(id);
    if (duplicates === undefined) return false;
    for (const duplicate of duplicates) {
      for (const each of duplicate.groups) {
        const others = this.#found.get(each);
        others?.delete(duplicate);
        if (others?.size === 0) this.#found.delete(each);
      }
    }
    return true;
  }
}

/** How many groups of a job have which shape. */
class JobShapes {
  readonly #keys = new Tally<string>();
  /** The last ones asked for: nearly always those of all groups of the job. */
  #known: { readonly labels: readonly Label[]; readonly key: string } | undefined;

  get count(): number {
    return this.#keys.size;
  }

  get shapes(): readonly Shape[] {
    return this.#keys.texts.map(parseShapeKey);
  }

  add(labels: readonly Label[]): void {
    this.#keys.add(this.#keyOf(labels));
  }

  remove(labels: readonly Label[]): void {
    this.#keys.remove(this.#keyOf(labels));
  }

  #keyOf(labels: readonly Label[]): string {
    if (this.#known === undefined || !haveSameNames(this.#known.labels, labels))
      this.#known = { labels, key: shapeKey(labels) };
    return this.#known.key;
  }
}

function haveSameNames(a: readonly Label[], b: readonly Label[]): boolean {
  return a.length === b.length && a.every(([name], i) => name === b[i]?.[0]);
}

/** Reads each text once for all that is compared with it. */
class SeriesReader {
  readonly #read = new Map<StoredFamily, readonly Series[]>();

  /** Read when somebody goes through them. */
  metrics(family: StoredFamily): AdmittedMetrics {
    return {
      length: family.metricCount,
      [Symbol.iterator]: () => this.#series(family)[Symbol.iterator](),
    };
  }

  /** Identities of the series that both groups hold in the family. */
  shared(name: string, a: FoldedGroup, b: FoldedGroup): ReadonlySet<string> {
    const [left, right] = [familyOf(a, name), familyOf(b, name)];
    if (left === undefined || right === undefined || left.type !== right.type) return new Set();
    const identities = new Set(this.#series(left).map(({ identity }) => identity));
    return identities.intersection(new Set(this.#series(right).map(({ identity }) => identity)));
  }

  #series(family: StoredFamily): readonly Series[] {
    const known = this.#read.get(family);
    if (known !== undefined) return known;
    const series = seriesOf(family);
    this.#read.set(family, series);
    return series;
  }
}

function* sharedNames(a: FoldedGroup, b: FoldedGroup): Generator<string> {
  const names = new Set(b.state.families.map(({ name }) => name));
  for (const family of a.state.families) if (names.has(family.name) && isShowable(family)) yield family.name;
}

export function familyOf(group: FoldedGroup, name: string): StoredFamily | undefined {
  return group.state.families.find((family) => family.name === name);
}
