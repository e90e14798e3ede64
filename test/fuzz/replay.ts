import { type Failed, failureOf, hasFailed, judge } from "./judge.ts";
import type { Target } from "./target.ts";

/** Inputs that a session got one after the other, of which the last or the end of the session failed. */
export type Case = readonly Buffer[];

/** Gives the inputs to a fresh session; resolves to the first failure. */
async function replay(target: Target, inputs: Case): Promise<Failed | undefined> {
  const session = await target.open();
  try {
    for (const input of inputs) {
      const verdict = await judge(target, session, input);
      // That an earlier one was slow this time says nothing of the last.
      const counts = hasFailed(verdict) && (verdict.kind !== "slow" || input === inputs.at(-1));
      if (counts) return verdict;
    }
    return await failureOf(session.finish);
  } finally {
    await session.close?.();
  }
}

/** Repetitions after which a case that was slow each time is taken for slow: collecting garbage makes anything slow now and then. */
const slowRepetitions = 4;

/** As `replay`, but slow is only what is slow every time. */
export async function replaySurely(target: Target, inputs: Case): Promise<Failed | undefined> {
  let failure: Failed | undefined;
  for (let times = 0; times < slowRepetitions; times++) {
    failure = await replay(target, inputs);
    if (failure?.kind !== "slow") return failure;
  }
  return failure;
}
