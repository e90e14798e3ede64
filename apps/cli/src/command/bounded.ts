import { InvalidValue } from "@pushfleet/config/option";
import { countFromOne, durationAboveZero, formatDuration } from "@pushfleet/config/values";

/** Reads a whole number from 1 to `most`. */
export function countUpTo(most: number): (given: string) => number {
  return (given) => {
    const count = countFromOne(given);
    if (count > most) throw new InvalidValue(`must be at most ${most}, got "${given}"`);
    return count;
  };
}

/** Reads a duration above zero of at most so many milliseconds. */
export function durationUpTo(longestMs: number): (given: string) => number {
  return (given) => {
    const durationMs = durationAboveZero(given);
    if (durationMs > longestMs)
      throw new InvalidValue(`must be at most ${formatDuration(longestMs)}, got "${given}"`);
    return durationMs;
  };
}
