/** What the parts of a history share: the three regions, what the model says they know, and the report of what happened. */
import type { Group, GroupId } from "@pushfleet/groups";
import type { ArrivingFamily, ShippedFamily, VersionedGroup } from "../replication/replication.ts";
import type { Cursor } from "../store.ts";
import { at } from "./context.ts";
import { group } from "./families.ts";
import { groupCount, type Plan, regionNames } from "./merge-laws-plan.ts";
import type { RegionUnderTest, World } from "./merge-laws-world.ts";
import { type Knowledge, nothing, type PlainState, toldAt } from "./region-model.ts";
import { FamilyMemory, plain } from "./replication-reading.ts";

/** The message tells the history up to there. */
export class ViolatedLaw extends Error {
  override readonly name = "ViolatedLaw";
}

/** What all histories in one world go by that has no clocks of its own. */
export interface SharedTime {
  /** Nothing ends between it and the end of the phase. */
  nowMs: number;
  readonly shortMs: number;
}

/** A region, and what it should know. */
export interface Side {
  readonly index: number;
  readonly stores: RegionUnderTest;
  readonly known: Map<GroupId, Knowledge>;
  /** Everything that happens here from now on is higher. */
  highest: number;
  /** Where the region stopped telling what happened in it. */
  told: { cursor: Cursor | null; ownAfter: number };
  readonly untold: Set<GroupId>;
}

export class History {
  readonly groups: readonly Group[];
  readonly sides: readonly Side[];
  readonly world: World;
  /** undefined where the world has clocks. */
  readonly time: SharedTime | undefined;
  readonly seed: number;
  readonly families = new FamilyMemory();
  readonly #lines: string[] = [];
  readonly #originMs: number;

  constructor(plan: Plan, world: World, time: SharedTime | undefined) {
    this.seed = plan.seed;
    this.world = world;
    this.time = time;
    this.groups = Array.from({ length: groupCount }, (_, index) =>
      group({ job: `${plan.seed}${"abc"[index]}` }),
    );
    world.clocks?.skew(plan.skewsMs);
    this.sides = world.regions.map((stores, index) => ({
      index,
      stores,
      known: new Map(),
      highest: 0,
      told: { cursor: null, ownAfter: 0 },
      untold: new Set(),
    }));
    this.#originMs = this.nowMs(at(this.sides, 0));
    this.log(`seed ${plan.seed}, skews ${plan.skewsMs.join(", ")} ms`);
  }

  /** Fails when they are not the same. */
  expectSame(what: string, actual: unknown, expected: unknown): void {
    const [found, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
    if (found === wanted) return;
    throw this.violation(`${what}:\n  is        ${found}\n  should be ${wanted}`);
  }

  /** Compares the model with what the region itself says. */
  async expectKnown(side: Side, ids: readonly GroupId[]): Promise<void> {
    const states = new Map((await side.stores.replication.groups(ids)).map((state) => [state.id, state]));
    for (const id of ids) this.expectTold(side, id, states.get(id));
  }

  expectTold(side: Side, id: GroupId, state: VersionedGroup<ShippedFamily> | undefined): void {
    const expected = this.toldIn(side, id);
    const actual = state === undefined ? toldAt(nothing, 0) : plain(state, this.nowMs(side));
    this.expectSame(`what ${regionNames[side.index]} knows of ${this.keyOf(id)}`, actual, expected);
  }

  toldIn(side: Side, id: GroupId): PlainState {
    return toldAt(side.known.get(id) ?? nothing, this.nowMs(side));
  }

  /** What a store told, as other regions take it in. */
  arriving(state: VersionedGroup<ShippedFamily>): VersionedGroup<ArrivingFamily> {
    return this.families.arriving(state);
  }

  /** Of the region's clock. */
  nowMs({ index }: Side): number {
    return this.time?.nowMs ?? this.world.clocks?.nowMs(index) ?? 0;
  }

  nowMicros(side: Side): number {
    return this.world.clocks?.nowMicros(side.index) ?? 1000 * this.nowMs(side);
  }

  name({ index }: Side): string {
    return at(regionNames, index);
  }

  keyOf(id: GroupId): string {
    return this.groups.find((each) => each.id === id)?.key ?? "a group that nobody knows";
  }

  log(line: string): void {
    this.#lines.push(line);
  }

  /** Versions are told from the beginning of the history, which is easier to read. */
  #short(text: string): string {
    return text.replaceAll(/\d{15,16}/g, (digits) => {
      const since = Number(digits) - 1000 * this.#originMs;
      return Math.abs(since) < 1e12 ? `${since >= 0 ? "+" : ""}${since}` : digits;
    });
  }

  violation(what: string, cause?: unknown): ViolatedLaw {
    const reason = cause instanceof Error ? `: ${cause.message}` : "";
    return new ViolatedLaw(this.#short([...this.#lines, `${what}${reason}`].join("\n")), { cause });
  }
}
