import type { Steps } from "@pushfleet/exposition";
import { type GroupId, groupKey } from "@pushfleet/groups";
import type { GroupState } from "@pushfleet/store";
import { type ChunkPlan, type Edit, editChunks } from "./chunks.ts";
import { Deadlines } from "./deadlines.ts";
import { FamilyFold } from "./family-fold.ts";
import { Finder, type FoldedGroup, familiesInStep, folded, noFragments } from "./folded-group.ts";
import type { GroupChunk } from "./group-changes.ts";
import { type Hidden, hiddenOf } from "./hiding/hidden.ts";
import { type Exchange, Hiding } from "./hiding/hiding.ts";
import { Listing } from "./listing.ts";
import type { OriginLabel } from "./origin.ts";

/** What changed, each group once, with its newest state; null for groups that are gone. */
export type GroupChanges = Map<GroupId, GroupState | null>;

/** The state of the store at one moment. Immutable. */
export interface Folded {
  /** By group key. */
  readonly groups: readonly GroupChunk[];
  readonly groupCount: number;
  readonly listing: Listing;
  readonly hidden: Hidden;
}

export interface FoldOptions {
  /** Groups of other regions are among them, which may be in conflict: what is younger is hidden then. Default false. */
  readonly hides?: boolean;
  /** Given to every series that is listed. Default none. */
  readonly originLabel?: OriginLabel | undefined;
}

/** Folds changes into states that share whatever did not change. */
export class Fold {
  readonly #groups = new Map<GroupId, FoldedGroup>();
  readonly #families = new Map<string, FamilyFold>();
  readonly #deadlines = new Deadlines(({ id, atMs }) => this.#groups.get(id)?.state.expiresAtMs === atMs);
  readonly #hiding: Hiding | undefined;
  readonly #originLabel: OriginLabel | undefined;
  #familyNames: readonly string[] = [];
  #current: Folded = { groups: [], groupCount: 0, listing: new Listing([]), hidden: hiddenOf(new Map()) };

  constructor({ hides = false, originLabel }: FoldOptions = {}) {
    this.#hiding = hides ? new Hiding(this.#groups) : undefined;
    this.#originLabel = originLabel;
  }

  get current(): Folded {
    return this.#current;
  }

  /**
   * The state after the changes at the store's time `nowMs`: groups that expire then or earlier are not in it. With
   * `isComplete` the changes are all there is, and groups not among them are gone. Not to be called again, and `current`
   * is what it was, before the last step is done.
   */
  *apply(changes: GroupChanges, options: { nowMs: number; isComplete: boolean }): Steps<Folded> {
    const all = this.#withVanished(changes, options);
    if (all.size === 0) return this.#current;
    const edits: Edit<GroupState>[] = [];
    const touched = new Set<string>();
    // In key order, so that every list below gets its edits sorted.
    for (const { id, key, state } of this.#inKeyOrder(all)) {
      const before = this.#groups.get(id);
      const after = state === null ? undefined : yield* folded(state, key, before);
      if (after === undefined) this.#groups.delete(id);
      else this.#groups.set(id, after);
      const deadline = after?.state.expiresAtMs ?? null;
      if (deadline !== null && deadline !== before?.state.expiresAtMs)
        this.#deadlines.add({ atMs: deadline, id });
      edits.push({ key, value: after?.state });
      if (this.#hiding !== undefined) this.#exchange(this.#hiding.change(before, after), touched);
      yield* this.#changeFamilies(key, { before, after, touched });
      yield;
    }
    if (this.#hiding !== undefined) yield* this.#hide(this.#hiding, touched);
    yield* this.#commit(touched);
    const families = this.#familyNames.flatMap((name) => this.#families.get(name)?.listed ?? []);
    this.#current = {
      groups: editChunks(this.#current.groups, edits, groupChunks),
      groupCount: this.#groups.size,
      listing: touched.size === 0 ? this.#current.listing : new Listing(families, this.#originLabel),
      hidden: this.#hiding?.hidden ?? this.#current.hidden,
    };
    return this.#current;
  }

  /** The changes, with what has expired or is missing from a complete listing marked as gone. */
  #withVanished(
    changes: GroupChanges,
    { nowMs, isComplete }: { nowMs: number; isComplete: boolean },
  ): GroupChanges {
    const all: GroupChanges = new Map();
    if (isComplete) for (const id of this.#groups.keys()) all.set(id, null);
    for (const id of this.#deadlines.reached(nowMs)) all.set(id, null);
    for (const [id, state] of changes) {
      const isOver = state !== null && state.expiresAtMs !== null && state.expiresAtMs <= nowMs;
      all.set(id, isOver ? null : state);
    }
    return all;
  }

  #inKeyOrder(changes: GroupChanges): readonly { id: GroupId; key: string; state: GroupState | null }[] {
    const ordered: { id: GroupId; key: string; state: GroupState | null }[] = [];
    for (const [id, state] of changes) {
      const key = this.#groups.get(id)?.key ?? (state && groupKey(state.labels));
      if (key !== null) ordered.push({ id, key, state }); // else gone before it was ever seen
    }
    return ordered.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  *#changeFamilies(
    key: string,
    {
      before,
      after,
      touched,
    }: { before: FoldedGroup | undefined; after: FoldedGroup | undefined; touched: Set<string> },
  ): Steps<void> {
    const current = after?.fragments ?? noFragments;
    const former = before?.fragments ?? noFragments;
    const finder = new Finder(former);
    let left = former.length;
    for (let i = 0; i < current.length; i++) {
      const is = current[i];
      if (is === undefined) continue;
      const was = finder.named(is.name, i);
      if (was !== undefined) left--;
      if (was !== is) this.#family(is.name, touched).change(key, was, is);
      if (i % familiesInStep === familiesInStep - 1) yield;
    }
    if (left === 0) return;
    const names = new Set(current.map(({ name }) => name));
    for (const gone of former) {
      if (!names.has(gone.name)) this.#family(gone.name, touched).change(key, gone, undefined);
    }
  }

  /** The family, which is about to change. */
  #family(name: string, touched: Set<string>): FamilyFold {
    touched.add(name);
    const known = this.#families.get(name);
    if (known !== undefined) return known;
    const family = new FamilyFold(name);
    this.#families.set(name, family);
    return family;
  }

  *#hide(hiding: Hiding, touched: Set<string>): Steps<void> {
    for (const name of touched) {
      const family = this.#families.get(name);
      if (family?.typesChanged === true) hiding.learn(name, family.types);
    }
    this.#exchange(yield* hiding.decide(), touched);
  }

  #exchange(exchanges: readonly Exchange[], touched: Set<string>): void {
    for (const { groupKey, name, before, after } of exchanges)
      this.#family(name, touched).show(groupKey, before, after);
  }

  *#commit(touched: ReadonlySet<string>): Steps<void> {
    const known = new Set(this.#familyNames);
    let namesChanged = false;
    let committed = 0;
    for (const name of touched) {
      if (++committed % familiesInStep === 0) yield;
      const family = this.#families.get(name);
      family?.commit(this.#hiding?.typeOf(name));
      if (family?.types.length === 0) this.#families.delete(name);
      namesChanged ||= known.has(name) !== this.#families.has(name);
    }
    if (namesChanged) this.#familyNames = [...this.#families.keys()].sort();
  }
}

const groupChunks: ChunkPlan<GroupState, GroupChunk> = {
  weigh: () => 1,
  make: (keys, values, weight) => ({ keys, values, weight }),
  weights: { min: 16, target: 64, max: 128 },
};
