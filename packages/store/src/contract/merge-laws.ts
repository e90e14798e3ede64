/**
 * The laws of merging, as random histories: pushes, deletions, failures and ends in three regions, whose states reach each other
 * late, repeatedly, partly and in any order. After each step a store knows what the model says it knows; when everything has come
 * to everybody, all three show the same.
 */
import type { GroupId } from "@pushfleet/groups";
import { describe, test } from "vitest";
import { at } from "./context.ts";
import { exchangeEverything } from "./merge-laws-exchange.ts";
import { type SharedTime, ViolatedLaw } from "./merge-laws-history.ts";
import { type Plan, planOf, regionNames } from "./merge-laws-plan.ts";
import { HistoryRun } from "./merge-laws-run.ts";
import type { RegionUnderTest, World } from "./merge-laws-world.ts";
import { Reader, type ReadGroup } from "./reader.ts";
import type { PlainState } from "./region-model.ts";
import { plain } from "./replication-reading.ts";

export interface LawOptions {
  /** Of histories, unless PUSHFLEET_HISTORIES says another number. */
  readonly count: number;
  /** Histories that share a world, where it has no clocks of its own. */
  readonly together?: number;
  /** Worlds at once: while one waits, the other works. */
  readonly atOnce?: number;
}

export function describeMergeLaws(name: string, open: () => Promise<World>, options: LawOptions): void {
  const count = Number(process.env["PUSHFLEET_HISTORIES"] ?? options.count);
  const first = Number(process.env["PUSHFLEET_HISTORIES_SEED"] ?? 1);
  describe(`${name} keeps the laws of merging`, () => {
    test(`in ${count} histories from seed ${first} on`, { timeout: 120_000 + 100 * count }, async () => {
      const plans = Array.from({ length: count }, (_, index) => planOf(first + index));
      const violation = await firstViolation(plans, open, options);
      if (violation !== undefined) throw violation;
    });
  });
}

const leastShortMs = 1_000;

/** Its history has no step that is not needed for it, where the worlds have clocks of their own. */
export async function firstViolation(
  plans: readonly Plan[],
  open: () => Promise<World>,
  { together = 1, atOnce = 1 }: Pick<LawOptions, "together" | "atOnce"> = {},
): Promise<ViolatedLaw | undefined> {
  let next = 0;
  let found: ViolatedLaw | undefined;
  const work = async (): Promise<void> => {
    // What is only to live for a moment must live through its phase, however busy the machine is.
    let shortMs = leastShortMs;
    while (next < plans.length && found === undefined) {
      const batch = plans.slice(next, next + together);
      next += together;
      let violation: ViolatedLaw | TooSlow | undefined = new TooSlow();
      while (violation instanceof TooSlow) {
        violation = await violationOf(batch, open, shortMs);
        shortMs = violation instanceof TooSlow ? shortMs * 1.5 : Math.max(leastShortMs, shortMs * 0.95);
      }
      if (violation !== undefined)
        found = together === 1 ? await shortest(at(batch, 0), open, violation) : violation;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return found;
}

async function violationOf(
  plans: readonly Plan[],
  open: () => Promise<World>,
  shortMs: number,
): Promise<ViolatedLaw | TooSlow | undefined> {
  await using world = await open();
  try {
    await run(plans, world, shortMs);
    return undefined;
  } catch (error) {
    if (error instanceof ViolatedLaw || error instanceof TooSlow) return error;
    throw error;
  }
}

/** Leaves out steps as long as a law is violated without them. */
async function shortest(plan: Plan, open: () => Promise<World>, found: ViolatedLaw): Promise<ViolatedLaw> {
  let [kept, violation] = [plan, found];
  for (let phase = plan.phases.length - 1; phase >= 0; phase--) {
    for (let step = at(plan.phases, phase).steps.length - 1; step >= 0; step--) {
      const { steps, ...rest } = at(kept.phases, phase);
      const fewer = { ...rest, steps: steps.filter((_, index) => index !== step) };
      const shorter = { ...kept, phases: kept.phases.with(phase, fewer) };
      const still = await violationOf([shorter], open, 0);
      if (still instanceof ViolatedLaw) [kept, violation] = [shorter, still];
    }
  }
  return violation;
}

/** Something ended before its phase did. */
class TooSlow extends Error {}

async function run(plans: readonly Plan[], world: World, shortMs: number): Promise<void> {
  const time = world.clocks === undefined ? { nowMs: 0, shortMs } : undefined;
  const ends = new Ends(at(world.regions, 0), time);
  await ends.pass([]);
  const runs = plans.map((plan) => new HistoryRun(plan, world, time));
  for (let phase = 0; plans.some(({ phases }) => phase < phases.length); phase++) {
    try {
      await runPhase(plans, runs, phase);
    } catch (error) {
      // What looks like a violation may be an end that came too early.
      await ends.pass(runs);
      throw error;
    }
    for (const [index, each] of runs.entries()) each.pass(plans[index]?.phases[phase]?.passesMs ?? 0);
    await ends.pass(runs);
  }
  // So that what was made last is nowhere ahead.
  world.clocks?.skew(regionNames.map(() => 0));
  world.clocks?.pass(1_000_000);
  await compareEnds(runs, world, () => time?.nowMs ?? world.clocks?.nowMs(0) ?? 0);
}

/** The first step of all histories, then the second of all, and so on. */
async function runPhase(plans: readonly Plan[], runs: readonly HistoryRun[], phase: number): Promise<void> {
  const steps = plans.map(({ phases }) => phases[phase]?.steps ?? []);
  for (let step = 0; steps.some(({ length }) => step < length); step++) {
    const taken = await Promise.allSettled(
      runs.map(async (each, index) => {
        const next = steps[index]?.[step];
        if (next !== undefined) await each.step(next);
      }),
    );
    for (const each of taken) if (each.status === "rejected") throw each.reason;
  }
}

async function compareEnds(runs: readonly HistoryRun[], world: World, nowMs: () => number): Promise<void> {
  const owners = new Map(runs.flatMap((each) => each.groups.map(({ id }) => [id, each] as const)));
  const ownerOf = (id: GroupId): HistoryRun => owners.get(id) ?? at(runs, 0);
  const different = await exchangeEverything(world.regions, nowMs, (state, from) => {
    ownerOf(state.id).exchanged(from, state.id);
    return ownerOf(state.id).arriving(state);
  });
  const expected = new Map(runs.flatMap((each) => [...each.expectedAtEnd()]));
  for (const [id, versions] of different)
    ownerOf(id).expectSame("what the regions know in the end", versions, "the same");
  const shown = await Promise.all(world.regions.map(({ store }) => shownBy(store)));
  for (const [index, { replication }] of world.regions.entries()) {
    const states = new Map<GroupId, PlainState>();
    const ids = [...expected.keys()];
    for (let start = 0; start < ids.length; start += 500) {
      for (const state of await replication.groups(ids.slice(start, start + 500)))
        states.set(state.id, plain(state, nowMs()));
    }
    for (const [id, wanted] of expected) {
      const owner = ownerOf(id);
      const known = states.get(id) ?? { ...wanted, status: "unknown" };
      owner.expectSame(`what ${regionNames[index]} knows in the end`, known, wanted);
      const group = shown[index]?.get(id);
      const isThere = group !== undefined && (group.expiresAtMs === null || group.expiresAtMs > nowMs());
      owner.expectSame(
        `what ${regionNames[index]} shows in the end`,
        isThere ? shownState(group) : null,
        visible(wanted),
      );
    }
  }
}

async function shownBy(store: RegionUnderTest["store"]): Promise<ReadonlyMap<GroupId, ReadGroup>> {
  const reader = new Reader(store);
  await reader.sync();
  return reader.groups;
}

function shownState({ pushedAtMicros, pushedRegion, failedAtMicros, expiresAtMs, families }: ReadGroup) {
  const texts = families.map(({ name, pushedAtMicros: micros, region, text }) => ({
    name,
    version: `${micros}@${region}`,
    text,
  }));
  return { pushedAtMicros, pushedRegion: pushedRegion ?? null, failedAtMicros, expiresAtMs, families: texts };
}

/** null = nothing. */
function visible({ status, life, pushed, failed, families }: PlainState) {
  if (status !== "alive" || life === null) return null;
  return {
    pushedAtMicros: pushed?.atMicros ?? 0,
    pushedRegion: pushed?.version.split("@")[1] ?? null,
    failedAtMicros: failed?.atMicros ?? 0,
    expiresAtMs: life.expiresAtMs,
    families,
  };
}

/** Lets the ends of groups come between phases, and never within, where clocks are real. */
class Ends {
  readonly #region: RegionUnderTest;
  readonly #time: SharedTime | undefined;

  constructor(region: RegionUnderTest, time: SharedTime | undefined) {
    this.#region = region;
    this.#time = time;
  }

  async pass(runs: readonly HistoryRun[]): Promise<void> {
    if (this.#time === undefined) return;
    const deadlines = runs.flatMap((each) => each.deadlines.splice(0));
    let nowMs = await this.#nowMs();
    if (deadlines.some((deadline) => deadline <= nowMs)) throw new TooSlow();
    const last = deadlines.reduce((a, b) => Math.max(a, b), 0);
    while (nowMs <= last) {
      await new Promise((resolve) => setTimeout(resolve, last - nowMs + 1));
      nowMs = await this.#nowMs();
    }
    this.#time.nowMs = nowMs;
  }

  async #nowMs(): Promise<number> {
    return Math.floor((await this.#region.replication.standing()).nowMicros / 1000);
  }
}
