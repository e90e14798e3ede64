import type { MetricType, Steps } from "@pushfleet/exposition";
import type { GroupId } from "@pushfleet/groups";
import type { Fragment } from "../family-chunk.ts";
import type { FoldedGroup } from "../folded-group.ts";
import { Duplicates, familyOf } from "./duplicates.ts";
import { type Hidden, type HiddenFamily, hiddenOf } from "./hidden.ts";
import { compareAge, type Holding, oldestOf, whereabouts } from "./holding.ts";
import { NameConflicts } from "./name-conflicts.ts";
import { moveOut, seriesOf, without } from "./series.ts";

/** What is shown of a group's family, instead of what was. */
export interface Exchange {
  readonly groupKey: string;
  readonly name: string;
  readonly before: Fragment | undefined;
  readonly after: Fragment | undefined;
}

interface HiddenEntry extends HiddenFamily {
  readonly group: FoldedGroup;
  /** What is left of it to be shown. */
  readonly shown: Fragment | undefined;
  /** Equal while the same is hidden of the same text. */
  readonly cut: string;
}

type Entries = Map<GroupId, Map<string, HiddenEntry>>;

/** Series of a family that older families hold, and these. */
interface Cut {
  readonly holding: Holding;
  readonly identities: Set<string>;
  readonly holders: Holding[];
}

/**
 * Decides what of a store that takes in other regions' groups is not shown, so that a scrape stays valid: what is older
 * shows, the rest is kept and hidden. It depends on what is stored and on nothing else, not on the order it came in.
 *
 * 1. Of a name the type of the oldest family shows, and families of other types are hidden.
 * 2. Of names that collide by a suffix, the one whose oldest family is younger is hidden, in all groups.
 * 3. Of a series that several groups hold in what is left, the one in the oldest family shows.
 *
 * While nothing is in conflict, it costs a look at each group that comes or goes.
 */
export class Hiding {
  readonly #groups: ReadonlyMap<GroupId, FoldedGroup>;
  readonly #names = new NameConflicts();
  readonly #duplicates: Duplicates;
  #types: ReadonlyMap<string, MetricType> = new Map();
  #entries: Entries = new Map();
  #hidden: Hidden = hiddenOf(new Map());
  /** Groups that have changed since the last decision. */
  #changed = new Set<GroupId>();
  /** Of these, what was hidden and is not any more, until the next decision. */
  #revealed = new Set<GroupId>();
  #isStale = false;

  /** @param groups All there are, kept by the caller. */
  constructor(groups: ReadonlyMap<GroupId, FoldedGroup>) {
    this.#groups = groups;
    this.#duplicates = new Duplicates(groups);
  }

  /** What the last decision hides. */
  get hidden(): Hidden {
    return this.#hidden;
  }

  /** The only type of the name that shows; undefined when it is held with one type only. */
  typeOf(name: string): MetricType | undefined {
    return this.#types.get(name);
  }

  /** To be called when a group changes, comes or goes, with `groups` being as it is after. Shows all that was hidden of it. */
  change(before: FoldedGroup | undefined, after: FoldedGroup | undefined): readonly Exchange[] {
    const id = (after ?? before)?.state.id;
    if (id === undefined) return [];
    this.#changed.add(id);
    if (before === undefined && after !== undefined) this.#duplicates.appeared(after);
    if (before !== undefined && after === undefined) this.#duplicates.vanished(before);
    this.#isStale ||= this.#isInConflict(before) || this.#isInConflict(after);
    const entries = this.#entries.get(id);
    if (entries === undefined || this.#revealed.has(id)) return [];
    this.#revealed.add(id);
    return [...entries].map(([name, { group, shown }]) => ({
      groupKey: group.key,
      name,
      before: shown,
      after: fragmentOf(group, name),
    }));
  }

  /** To be called with the types that a name is held with, before `decide`, when they have changed. */
  learn(name: string, types: readonly MetricType[]): void {
    if (this.#names.learn(name, types)) this.#isStale = true;
  }

  /** Decides anew, after all changes were told. */
  *decide(): Steps<readonly Exchange[]> {
    if (yield* this.#duplicates.look(this.#changed)) this.#isStale = true;
    this.#changed = new Set();
    if (!this.#isStale) return [];
    const entries: Entries = new Map();
    this.#types = yield* this.#names.decide(this.#groups.values(), (holding, reason, because) =>
      this.#add(entries, holding, {
        reason,
        whole: true,
        because,
        group: holding.group,
        shown: undefined,
        cut: "all",
      }),
    );
    yield* this.#hideDuplicates(entries);
    const exchanges = this.#exchanges(entries);
    this.#entries = entries;
    this.#revealed = new Set();
    this.#isStale = false;
    this.#hidden = hiddenOf(entries);
    return exchanges;
  }

  #isInConflict(group: FoldedGroup | undefined): boolean {
    if (group === undefined || this.#names.isEmpty) return false;
    return group.state.families.some(({ name }) => this.#names.has(name));
  }

  *#hideDuplicates(entries: Entries): Steps<void> {
    for (const { holding, identities, holders } of this.#cuts(entries)) {
      const { group, family } = holding;
      const cut = [...identities].sort().join("\n");
      const known = this.#stillHidden(group.state.id, family.name);
      const holder = oldestOf(holders);
      const fragment = fragmentOf(group, family.name);
      if (holder === undefined || fragment === undefined) continue;
      const shown =
        known?.cut === cut && known.reason === "series" ? known.shown : without(fragment, identities);
      const howMany = shown === undefined ? "All" : `${identities.size} of ${seriesOf(family).length}`;
      const others = new Set(holders.map((each) => each.group)).size - 1;
      const andOthers = others === 0 ? "" : ` (and ${others} more)`;
      const because = `${howMany} of its series are held by an older family of the name: in ${whereabouts(holder)}${andOthers}.`;
      this.#add(entries, holding, {
        reason: "series",
        whole: shown === undefined,
        because,
        group,
        shown,
        cut,
      });
      yield;
    }
  }

  /** Of the families that the names let show. */
  #cuts(hiddenByName: Entries): readonly Cut[] {
    const cuts = new Map<string, Cut>();
    const holding = (id: GroupId, name: string): Holding | undefined => {
      const group = this.#groups.get(id);
      const family = group && familyOf(group, name);
      const isHidden = hiddenByName.get(id)?.has(name) === true;
      return group === undefined || family === undefined || isHidden ? undefined : { group, family };
    };
    for (const { groups, name, identities } of this.#duplicates.found()) {
      const [a, b] = [holding(groups[0], name), holding(groups[1], name)];
      if (a === undefined || b === undefined) continue;
      const [older, younger] = compareAge(a, b) < 0 ? [a, b] : [b, a];
      const key = JSON.stringify([younger.group.state.id, name]);
      const cut = cuts.get(key) ?? { holding: younger, identities: new Set<string>(), holders: [] };
      cuts.set(key, cut);
      for (const identity of identities) cut.identities.add(identity);
      cut.holders.push(older);
    }
    return [...cuts.values()];
  }

  #add(entries: Entries, { group, family }: Holding, entry: HiddenEntry): void {
    const { id } = group.state;
    const families = entries.get(id) ?? new Map<string, HiddenEntry>();
    entries.set(id, families.set(family.name, entry));
  }

  /** From the last decision to this one. */
  #exchanges(entries: Entries): readonly Exchange[] {
    const exchanges: Exchange[] = [];
    for (const [id, families] of entries) {
      for (const [name, { group, shown }] of families) {
        const fragment = fragmentOf(group, name);
        const known = this.#stillHidden(id, name);
        const before = known === undefined ? fragment : known.shown;
        if (before === shown) continue;
        if (known === undefined && fragment !== undefined) moveOut(fragment.text);
        exchanges.push({ groupKey: group.key, name, before, after: shown });
      }
    }
    for (const [id, families] of this.#entries) {
      if (this.#revealed.has(id)) continue;
      for (const [name, { group, shown: before }] of families) {
        if (entries.get(id)?.has(name) === true) continue;
        exchanges.push({ groupKey: group.key, name, before, after: fragmentOf(group, name) });
      }
    }
    return exchanges;
  }

  #stillHidden(id: GroupId, name: string): HiddenEntry | undefined {
    return this.#revealed.has(id) ? undefined : this.#entries.get(id)?.get(name);
  }
}

function fragmentOf(group: FoldedGroup, name: string): Fragment | undefined {
  return group.fragments.find((fragment) => fragment.name === name);
}
