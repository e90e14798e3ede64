import { setTimeout as delay } from "node:timers/promises";
import type { Region } from "./region.ts";

export async function scrapeText(url: string, path = "/metrics"): Promise<string> {
  const response = await fetch(url + path, { signal: AbortSignal.timeout(20_000) });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${url}${path} answered ${response.status}: ${text}`);
  return text;
}

/** What is pushed, as every region has to show it: without what a cluster tells of itself. */
export function pushedPart(scrape: string): string {
  return scrape.replaceAll(/^(?:# (?:HELP|TYPE) )?pushfleet_.*\n/gm, "");
}

export interface SameOptions {
  readonly withinMs: number;
  /** What all of them have to be beside the same; undefined = anything. Says what is missing, or nothing. */
  readonly lacks?: (pushed: string) => string | undefined;
}

/**
 * Resolves to the milliseconds it took until every gateway of all regions showed the same, and that it does at `lacks`' word. Fails
 * with the first lines that differ.
 */
export async function untilSame(
  regions: readonly Region[],
  { withinMs, lacks = () => undefined }: SameOptions,
): Promise<number> {
  const begin = performance.now();
  for (;;) {
    const problem = await differenceOf(regions, lacks);
    const took = performance.now() - begin;
    if (problem === undefined && took <= withinMs) return took;
    if (took > withinMs)
      throw new Error(`the regions differ ${Math.round(took)} ms later: ${problem ?? "not any more"}`);
    await delay(100);
  }
}

async function differenceOf(
  regions: readonly Region[],
  lacks: (pushed: string) => string | undefined,
): Promise<string | undefined> {
  const gateways = regions.flatMap((region) => region.gateways);
  const scrapes: { readonly name: string; readonly pushed: string }[] = [];
  for (const { name, url } of gateways) {
    const pushed = await scrapeText(url).then(pushedPart, (error: unknown) => String(error));
    scrapes.push({ name, pushed });
  }
  const [first] = scrapes;
  if (first === undefined) throw new Error("no gateways to compare");
  const other = scrapes.find(({ pushed }) => pushed !== first.pushed);
  return other === undefined ? lacks(first.pushed) : firstDifference(first, other);
}

function firstDifference(
  a: { readonly name: string; readonly pushed: string },
  b: { readonly name: string; readonly pushed: string },
): string {
  const [linesOfA, linesOfB] = [a.pushed.split("\n"), b.pushed.split("\n")];
  const at = linesOfA.findIndex((line, index) => line !== linesOfB[index]);
  const counts = `${linesOfA.length} and ${linesOfB.length} lines`;
  const index = at < 0 ? linesOfA.length : at;
  return `${a.name} and ${b.name} (${counts}) at line ${index + 1}:\n  ${linesOfA[index] ?? "(end)"}\n  ${linesOfB[index] ?? "(end)"}`;
}

/** For `lacks`: the values that series have to show, by the text of the series; and no others of the metrics in `only`. */
export function shows(
  expected: ReadonlyMap<string, number>,
  read: (pushed: string) => ReadonlyMap<string, number>,
): (pushed: string) => string | undefined {
  return (pushed) => {
    const shown = read(pushed);
    for (const [key, value] of expected)
      if (shown.get(key) !== value) return `${key} is ${shown.get(key)} and should be ${value}`;
    for (const key of shown.keys()) if (!expected.has(key)) return `${key} should not be there`;
    return undefined;
  };
}
