/**
 * Machines are noisy, so what is compared is measured in turn, A B A B, and a ratio is the median of the rounds' own
 * ratios: whatever slows one round down slows both sides of its ratio.
 */

/** Results of the contenders by position, round by round. */
export async function inTurn<Subject, Result>(
  subjects: readonly Subject[],
  rounds: number,
  measure: (subject: Subject) => Promise<Result>,
): Promise<Result[][]> {
  const results: Result[][] = subjects.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [position, subject] of subjects.entries()) {
      results[position]?.push(await measure(subject));
    }
  }
  return results;
}

/** NaN when empty. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  return (upper + lower) / 2;
}

/** The median of `numerators[i] / denominators[i]`. */
export function medianRatio(numerators: readonly number[], denominators: readonly number[]): number {
  return median(numerators.map((numerator, round) => numerator / (denominators[round] ?? Number.NaN)));
}
