import type { Steps } from "@pushfleet/exposition";
import { type GroupId, groupKey } from "@pushfleet/groups";
import { type GroupState, type StoredFamily, spanOf, type TextSpan } from "@pushfleet/store";
import { type ChunkPlan, type Edit, editChunks } from "./chunks.ts";
import { Deadlines } from "./deadlines.ts";
import type { Fragment } from "./family-chunk.ts";
import { FamilyFold } from "./family-fold.ts";
import type { GroupChunk } from "./group-changes.ts";
import { Listing } from "./listing.ts";
import { isPushTime, pushTimes } from "./push-times.ts";

/** What changed, each group once, with its newest state; null for groups that are gone. */
export type GroupChanges = Map<GroupId, GroupState | null>;

/** The state of the store at one moment. Immutable. */
export interface Folded {
  /** By group key. */
  readonly groups: readonly GroupChunk[];
  readonly groupCount: number;
  readonly listing: Listing;
}

interface FoldedGroup {
  readonly key: string;
  readonly state: GroupState;
  /** One of each family, the push times among them. */
  readonly fragments: readonly Fragment[];
}

/** Folds changes into states that share whatever did not change. */
export class Fold {
  readonly #groups = new Map<GroupId, FoldedGroup>();
  readonly #families = new Map<string, FamilyFold>();
  readonly #deadlines = new Deadlines(({ id, atMs }) => this.#groups.get(id)?.state.expiresAtMs === atMs);
  #familyNames: readonly string[] = [];
  #current: Folded = { groups: [], groupCount: 0, listing: new Listing([]) };

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
      yield* this.#changeFamilies(key, { before, after, touched });
      yield;
    }
    yield* this.#commit(touched);
    const families = this.#familyNames.flatMap((name) => this.#families.get(name)?.listed ?? []);
    this.#current = {
      groups: editChunks(this.#current.groups, edits, groupChunks),
      groupCount: this.#groups.size,
      listing: touched.size === 0 ? this.#current.listing : new Listing(families),
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

  *#commit(touched: ReadonlySet<string>): Steps<void> {
    const known = new Set(this.#familyNames);
    let namesChanged = false;
    let committed = 0;
    for (const name of touched) {
      if (++committed % familiesInStep === 0) yield;
      const family = this.#families.get(name);
      family?.commit();
      if (family?.listed === undefined) this.#families.delete(name);
      namesChanged ||= known.has(name) !== this.#families.has(name);
    }
    if (namesChanged) this.#familyNames = [...this.#families.keys()].sort();
  }
}

/** Of one group, or of all: some hundred microseconds of work. */
const familiesInStep = 32;

const groupChunks: ChunkPlan<GroupState, GroupChunk> = {
  weigh: () => 1,
  make: (keys, values, weight) => ({ keys, values, weight }),
  weights: { min: 16, target: 64, max: 128 },
};

const noFragments: readonly Fragment[] = [];

/** Keeps the former fragments where nothing visible changed: their wire forms then stay valid. */
function* folded(state: GroupState, key: string, before: FoldedGroup | undefined): Steps<FoldedGroup> {
  const former = new Finder(before?.fragments ?? noFragments);
  const fragments: Fragment[] = [];
  const families: StoredFamily[] = [];
  for (const family of state.families) {
    families.push(withKeptText(family, former, fragments));
    if (families.length % familiesInStep === 0) yield;
  }
  for (const fragment of pushTimes(state)) {
    const was = former.named(fragment.name, fragments.length);
    fragments.push(was !== undefined && looksSame(was, fragment) ? was : fragment);
  }
  return { key, state: { ...state, families }, fragments };
}

/** Adds the fragment of a family that is shown. Returns the family, with its former text where that is the same. */
function withKeptText(family: StoredFamily, former: Finder, fragments: Fragment[]): StoredFamily {
  const { text } = family;
  // Nothing moves an empty text into a chunk, and the page that it comes from shall not be kept for it.
  if (text.start === text.end) return { ...family, text: spanOf("") };
  if (isPushTime(family.name)) return family;
  const was = former.named(family.name, fragments.length);
  if (was === undefined || !looksSame(was, family)) {
    fragments.push(family);
    return family;
  }
  fragments.push(was);
  // One copy of the text will do.
  return { ...family, text: was.text };
}

/** Finds the fragments of a group by name; mostly they are where the caller expects them. */
class Finder {
  readonly #fragments: readonly Fragment[];
  #byName: ReadonlyMap<string, Fragment> | undefined;

  constructor(fragments: readonly Fragment[]) {
    this.#fragments = fragments;
  }

  named(name: string, expectedAt: number): Fragment | undefined {
    const expected = this.#fragments[expectedAt];
    if (expected?.name === name) return expected;
    this.#byName ??= new Map(this.#fragments.map((fragment) => [fragment.name, fragment]));
    return this.#byName.get(name);
  }
}

function looksSame(a: Fragment, b: Fragment): boolean {
  if (!areEqual(a.text, b.text) || a.help !== b.help || a.type !== b.type) return false;
  if (a.proto === undefined || b.proto === undefined) return a.proto === b.proto;
  return Buffer.compare(a.proto, b.proto) === 0;
}

function areEqual(a: TextSpan, b: TextSpan): boolean {
  if (a.end - a.start !== b.end - b.start) return false;
  return a.bytes.compare(b.bytes, b.start, b.end, a.start, a.end) === 0;
}
