import { compareObservations } from "../conformance/compare.ts";
import { createHttpClient } from "../conformance/http.ts";
import { observe } from "../conformance/observe.ts";

/** How what one gateway tells differs from another, one line each: text, protobuf, API, and when groups were pushed to. */
export async function differences(source: string, target: string): Promise<readonly string[]> {
  const [theirs, ours] = await Promise.all([source, target].map(observed));
  const [theirTimes, ourTimes] = await Promise.all([source, target].map(pushTimes));
  if (theirs === undefined || ours === undefined || theirTimes === undefined || ourTimes === undefined)
    throw new Error("two gateways have two answers");
  const times = [...new Set([...theirTimes.keys(), ...ourTimes.keys()])].flatMap((series) => {
    const [their, our] = [theirTimes.get(series) ?? Number.NaN, ourTimes.get(series) ?? Number.NaN];
    // Pushfleet keeps microseconds.
    return Math.abs(their - our) <= 1e-6 ? [] : [`${series} ${their} ${our}`];
  });
  return [...compareObservations(theirs, ours), ...times];
}

async function observed(url: string) {
  using client = createHttpClient(url, { timeoutMs: 60_000 });
  return await observe(client, { protobuf: true });
}

async function pushTimes(url: string): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return new Map(
    [...text.matchAll(/^(push_(?:failure_)?time_seconds\{.*\}) (.*)$/gm)].map(([, series = "", value]) => [
      series,
      Number(value),
    ]),
  );
}
