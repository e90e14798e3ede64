import { type Chance, createChance } from "../conformance/random.ts";
import { keptCases } from "./corpus.ts";
import { type Failed, failureOf, hasFailed, judge, msPer100kB, type Verdict } from "./judge.ts";
import { minimise } from "./minimise.ts";
import { type Material, mutate, stretch } from "./mutate.ts";
import { type Case, replaySurely } from "./replay.ts";
import type { Target } from "./target.ts";

export interface CampaignOptions {
  readonly inputs: number;
  readonly seed: number;
}

/** What came of all inputs to one target. */
export interface Tally {
  readonly target: string;
  inputs: number;
  accepted: number;
  refused: number;
  /** Different reasons of refusals. */
  reasons: number;
  /** Of the slowest input, counted as `msPer100kB` does. */
  slowestMs: number;
  elapsedMs: number;
  readonly findings: Finding[];
}

export interface Finding {
  readonly kind: Failed["kind"] | "hang";
  readonly message: string;
  /** The smallest case that was found. */
  readonly inputs: Case;
}

/** After so many different findings a target is left alone: whoever mends them runs it again. */
const mostFindings = 10;
/** Inputs that behaved in a new way are mutated further; of so many, new ones replace old ones. */
const largestPool = 4_000;
/** A stretched input costs as much as a hundred others. */
const stretchedShare = 1 / 3_000;

/** Gives the target so many inputs. The same seed and corpus give the same inputs. */
export async function fuzz(target: Target, { inputs, seed }: CampaignOptions): Promise<Tally> {
  const tally: Tally = {
    target: target.name,
    inputs: 0,
    accepted: 0,
    refused: 0,
    reasons: 0,
    slowestMs: 0,
    elapsedMs: 0,
    findings: [],
  };
  const chance = createChance(seed);
  const pool = seedsOf(target);
  const first = [...pool];
  const reasons = new Set<string>();
  const failures = new Set<string>();
  const start = performance.now();
  while (tally.inputs < inputs && tally.findings.length < mostFindings) {
    const length = Math.min(target.sessionLength, inputs - tally.inputs);
    const given = await runSession(length, () => first.shift() ?? nextInput(target, chance, pool));
    if (given.failure === undefined || failures.has(given.failure.label)) continue;
    failures.add(given.failure.label);
    tally.findings.push(await findingOf(target, given.inputs, given.failure));
  }
  tally.elapsedMs = performance.now() - start;
  tally.reasons = reasons.size;
  return tally;

  /** Ends with the first failure. */
  async function runSession(length: number, next: () => Buffer): Promise<{ inputs: Case; failure?: Failed }> {
    const history: Buffer[] = [];
    const session = await target.open();
    try {
      while (history.length < length) {
        const input = next().subarray(0, target.longest);
        history.push(input);
        tally.inputs++;
        const verdict = await judge(target, session, input);
        if (hasFailed(verdict)) {
          const isKnown = failures.has(verdict.label);
          const isReal =
            isKnown || verdict.kind !== "slow" || (await replaySurely(target, history)) !== undefined;
          if (isReal) return { inputs: history, failure: verdict };
          return { inputs: history };
        }
        note(verdict, input);
      }
      const failure = await failureOf(session.finish);
      return failure === undefined ? { inputs: history } : { inputs: history, failure };
    } finally {
      await session.close?.();
    }
  }

  function note(verdict: Exclude<Verdict, Failed>, input: Buffer): void {
    tally[verdict.kind]++;
    tally.slowestMs = Math.max(tally.slowestMs, msPer100kB(verdict.ms, input));
    if (verdict.kind === "accepted" || reasons.has(verdict.label)) return;
    reasons.add(verdict.label);
    if (pool.length < largestPool) pool.push(input);
    else pool[chance.int(0, pool.length - 1)] = input;
  }
}

/** What the target is given at first, and mutated from then on. */
function seedsOf(target: Target): Buffer[] {
  return [...target.seeds(), ...keptCases(target.name).flatMap(({ inputs }) => inputs), Buffer.of()];
}

function nextInput(target: Target, chance: Chance, pool: readonly Buffer[]): Buffer {
  const material: Material = { words: target.words, pool };
  const isNew = target.generate !== undefined && chance.flip(0.4);
  const base = isNew ? target.generate(chance) : (pool[chance.int(0, pool.length - 1)] ?? Buffer.of());
  if (chance.flip(stretchedShare)) return stretch(base, chance, material);
  if (isNew && chance.flip(0.5)) return base;
  const mutant = mutate(base, chance, material);
  return target.repair !== undefined && chance.flip(0.7) ? target.repair(mutant) : mutant;
}

async function findingOf(target: Target, inputs: Case, failure: Failed): Promise<Finding> {
  const smallest = await minimise(target, inputs, failure);
  const { kind, message } = (await replaySurely(target, smallest)) ?? failure;
  return { kind, message, inputs: smallest };
}
