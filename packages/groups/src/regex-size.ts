/**
 * At least as many characters as the pattern has once its counted repetitions are written out: what it costs to compile, and
 * to match each character of a value. `(a{10}){100}` has a thousand and some.
 */
export function writtenOutLength(pattern: string): number {
  let longestRun = 1;
  let nested = 1;
  for (const [, group, least, most] of pattern.matchAll(/(\))?\{(\d+)(?:,(\d*))?\}/g)) {
    const count = Math.max(Number(least), Number(most ?? 0), 1);
    // Any group may be within any other.
    if (group === undefined) longestRun = Math.max(longestRun, count);
    else nested *= count;
  }
  return pattern.length * longestRun * nested;
}
