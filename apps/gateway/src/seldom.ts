/** Wraps what tells of something that may happen thousands of times a second: it is called once in so many milliseconds. */
export function seldom<Args extends readonly unknown[]>(
  intervalMs: number,
  tell: (...args: Args) => void,
): (...args: Args) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  return (...args) => {
    if (performance.now() - toldAt < intervalMs) return;
    toldAt = performance.now();
    tell(...args);
  };
}
