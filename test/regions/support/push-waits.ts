import { setTimeout as delay } from "node:timers/promises";
import type { Region } from "./region.ts";
import { percentile } from "./row.ts";
import { type Pushes, startSteadyLoad } from "./steady-load.ts";

/** Steady pushes to each of the regions, for so many seconds. */
export async function pushFor(
  regions: readonly Region[],
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<Pushes> {
  await using load = startSteadyLoad(regions, { perSecond });
  await delay(1_000 * seconds);
  return await load.stop();
}

/** Milliseconds from each push to its acknowledgement, sorted; with a region, of those to this one. */
export function sortedWaits(pushes: readonly Pushes[], to?: Region): Float64Array {
  return Float64Array.from(
    pushes
      .flatMap(({ acknowledged }) => acknowledged)
      .filter(({ region }) => to === undefined || region === to.id)
      .map(({ startedAt, endedAt }) => endedAt - startedAt),
  ).sort();
}

export function waitsText(sorted: Float64Array): string {
  return `push p50 and p99 ${percentile(sorted, 0.5).toFixed(1)} and ${percentile(sorted, 0.99).toFixed(1)} ms`;
}
