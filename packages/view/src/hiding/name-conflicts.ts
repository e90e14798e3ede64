import type { MetricType, Steps } from "@pushfleet/exposition";
import { collides, suffixRivals } from "@pushfleet/store";
import { type FoldedGroup, isShowable } from "../folded-group.ts";
import { compareAge, type Holding, oldestOf, whereabouts } from "./holding.ts";

/** Called with each family that cannot be shown at all. */
export type Hide = (holding: Holding, reason: "type" | "suffix", because: string) => void;

/** Groups looked at in one step. */
const groupsInStep = 256;

/** Finds names that groups hold with several types, and names that collide by a suffix, and decides what of them shows. */
export class NameConflicts {
  readonly #types = new Map<string, readonly MetricType[]>();
  readonly #ofSeveralTypes = new Set<string>();
  /** Names that collide when they are shown with some of the types they are held with. Each is in the other's set. */
  readonly #rivals = new Map<string, Set<string>>();

  get isEmpty(): boolean {
    return this.#ofSeveralTypes.size === 0 && this.#rivals.size === 0;
  }

  has(name: string): boolean {
    return this.#ofSeveralTypes.has(name) || this.#rivals.has(name);
  }

  /** Tells with which types a name is held from now on; none = by nobody. True when a conflict came, went or changed. */
  learn(name: string, types: readonly MetricType[]): boolean {
    const wasInConflict = this.has(name);
    this.#forgetRivals(name);
    if (types.length === 0) this.#types.delete(name);
    else this.#types.set(name, types);
    if (types.length > 1) this.#ofSeveralTypes.add(name);
    else this.#ofSeveralTypes.delete(name);
    for (const type of types) {
      for (const rival of suffixRivals(name, type)) {
        if (this.#types.get(rival.name)?.some((held) => collides(rival, held)) === true)
          this.#makeRivals(name, rival.name);
      }
    }
    return wasInConflict || this.has(name);
  }

  /**
   * Of a name the type of its oldest family shows. Of names that collide with that type the one with the oldest family shows;
   * then those that collide with none that shows. Returns the type of each name that is held with several.
   */
  *decide(groups: Iterable<FoldedGroup>, hide: Hide): Steps<ReadonlyMap<string, MetricType>> {
    const types = new Map<string, MetricType>();
    if (this.isEmpty) return types;
    const holdings = yield* this.#holdings(groups);
    const oldest = new Map<string, Holding>();
    for (const [name, held] of holdings) {
      const first = oldestOf(held);
      if (first === undefined) continue;
      oldest.set(name, first);
      if (!this.#ofSeveralTypes.has(name)) continue;
      const { type } = first.family;
      types.set(name, type);
      for (const each of held) {
        if (each.family.type === type) continue;
        const because = `It is a ${each.family.type} here, and an older family of the name is a ${type}: in ${whereabouts(first)}.`;
        hide(each, "type", because);
      }
      yield;
    }
    const shown = new Map<string, Holding>();
    for (const first of [...oldest.values()].sort(compareAge)) {
      const { name, type } = first.family;
      const obstacle = this.#obstacle(first, shown);
      if (obstacle === undefined) {
        shown.set(name, first);
        continue;
      }
      const because = `Its name collides with the older ${obstacle.family.type} ${JSON.stringify(obstacle.family.name)}: in ${whereabouts(obstacle)}.`;
      for (const each of holdings.get(name) ?? [])
        if (each.family.type === type) hide(each, "suffix", because);
      yield;
    }
    return types;
  }

  /** Of several the oldest. */
  #obstacle({ family }: Holding, shown: ReadonlyMap<string, Holding>): Holding | undefined {
    if (!this.#rivals.has(family.name)) return undefined;
    const obstacles = suffixRivals(family.name, family.type).flatMap((rival) => {
      const held = shown.get(rival.name);
      return held !== undefined && collides(rival, held.family.type) ? held : [];
    });
    return oldestOf(obstacles);
  }

  *#holdings(groups: Iterable<FoldedGroup>): Steps<ReadonlyMap<string, readonly Holding[]>> {
    const holdings = new Map<string, Holding[]>();
    let looked = 0;
    for (const group of groups) {
      for (const family of group.state.families) {
        if (!this.has(family.name) || !isShowable(family)) continue;
        const known = holdings.get(family.name);
        if (known === undefined) holdings.set(family.name, [{ group, family }]);
        else known.push({ group, family });
      }
      if (++looked % groupsInStep === 0) yield;
    }
    return holdings;
  }

  #makeRivals(a: string, b: string): void {
    this.#rivals.set(a, (this.#rivals.get(a) ?? new Set()).add(b));
    this.#rivals.set(b, (this.#rivals.get(b) ?? new Set()).add(a));
  }

  #forgetRivals(name: string): void {
    for (const other of this.#rivals.get(name) ?? []) {
      const others = this.#rivals.get(other);
      others?.delete(name);
      if (others?.size === 0) this.#rivals.delete(other);
    }
    this.#rivals.delete(name);
  }
}
