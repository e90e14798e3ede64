/**
 * Work that can wait at any of its steps, each of which takes a few milliseconds at most: what is called decides whether
 * all of it is done now or others get their turn in between.
 */
export type Steps<Result> = Generator<undefined, Result, undefined>;

/** All of it now. Throws what the work throws. */
export function atOnce<Result>(steps: Steps<Result>): Result {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}
