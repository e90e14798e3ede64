const units = [
  ["y", 31_536_000],
  ["d", 86_400],
  ["h", 3_600],
  ["m", 60],
  ["s", 1],
] as const;

/** The two largest units of a duration, rounded down: `3d 4h`, `1m 5s`, `0s`. Of years only the days follow. */
export function formatDuration(seconds: number): string {
  let rest = Math.max(0, Math.floor(seconds));
  const first = units.findIndex(([, length]) => rest >= length);
  if (first === -1) return "0s";
  const parts: string[] = [];
  for (const [unit, length] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.join(" ");
}

const DURATION = /^(?=.)(?:\d+(?:\.\d+)?|(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?)$/;

/** Whether the API takes the text for a duration: as in Prometheus (`1h30m`), or a number of seconds. */
export function isDuration(text: string): boolean {
  return DURATION.test(text);
}
