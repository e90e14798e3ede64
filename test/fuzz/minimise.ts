import type { Failed } from "./judge.ts";
import { type Case, replaySurely } from "./replay.ts";
import type { Target } from "./target.ts";

/** Milliseconds that making one case smaller may take. */
const patienceMs = 10_000;

/**
 * A smaller case that fails in the same way: first with fewer inputs, then with shorter ones (delta debugging: leaves out
 * pieces, ever smaller ones, as long as the rest still fails). The case itself when it does not fail again by itself.
 */
export async function minimise(target: Target, inputs: Case, { label }: Failed): Promise<Case> {
  const deadline = performance.now() + patienceMs;
  const isTime = () => performance.now() < deadline;
  const fails = async (candidate: Case) => (await replaySurely(target, candidate))?.label === label;

  const last = inputs.slice(-1);
  let smaller = (await fails(last))
    ? last
    : await leaveOut(inputs, async (rest) => rest.length > 0 && (await fails(rest)), isTime);
  for (let i = 0; i < smaller.length; i++) {
    const [before, after] = [smaller.slice(0, i), smaller.slice(i + 1)];
    const bytes = await leaveOut(
      [...(smaller[i] ?? [])],
      (rest) => fails([...before, Buffer.from(rest), ...after]),
      isTime,
    );
    smaller = [...before, Buffer.from(bytes), ...after];
  }
  return smaller;
}

/** What is left of the items when no piece more can be left out, or it is time to stop. */
async function leaveOut<T>(
  items: readonly T[],
  fails: (rest: readonly T[]) => Promise<boolean>,
  isTime: () => boolean,
): Promise<readonly T[]> {
  let left = items;
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; isTime() && at < left.length; ) {
      const rest = left.toSpliced(at, size);
      if (await fails(rest)) left = rest;
      else at += size;
    }
  }
  return left;
}
