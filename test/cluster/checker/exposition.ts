import type { Reading } from "./history.ts";

/** The two families of every push; a torn group shows as one of them lagging behind the other. */
const families = ["checker_first", "checker_second"] as const;
const parts = ["a", "b", "c"] as const;
export const seriesPerGroup = families.length * parts.length;

/** Path of a group under the address of the gateway. */
export function groupPath(group: number): string {
  return `/metrics/job/checker/group/${group}`;
}

export function pushBody(value: number): string {
  return families
    .flatMap((family) => [
      `# TYPE ${family} gauge\n`,
      ...parts.map((part) => `${family}{part="${part}"} ${value}\n`),
    ])
    .join("");
}

/** Finds the checker's groups 0 … `groups` − 1 in a scrape in the text format; passes over all else. */
export function readScrape(text: string, groups: number): Reading {
  const seriesCounts = new Uint8Array(groups);
  const lowest = new Float64Array(groups);
  const highest = new Float64Array(groups);
  for (const [, number = "", sample] of text.matchAll(sampleLine)) {
    const group = Number(number);
    const value = Number(sample);
    const series = seriesCounts[group];
    if (series === undefined) throw new Error(`group ${number} in a scrape: there are only ${groups}`);
    lowest[group] = series === 0 ? value : Math.min(value, lowest[group] ?? value);
    highest[group] = series === 0 ? value : Math.max(value, highest[group] ?? value);
    seriesCounts[group] = Math.min(series + 1, 255);
  }
  return { admitsStale: storeDown.test(text), seriesCounts, lowest, highest };
}

const sampleLine = /^checker_\w+\{[^}\n]*\bgroup="(\d+)"[^}\n]*\} (\S+)$/gm;
const storeDown = /^pushfleet_store_up 0$/m;
