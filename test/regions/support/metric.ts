import { scrapeText } from "./scrapes.ts";

/** The value of one series of a process's own metrics, e.g. `pushfleet_federator_active{peer="b"}`; undefined when there is none. */
export async function ownMetric(url: string, series: string): Promise<number | undefined> {
  const text = await scrapeText(url, "/-/metrics");
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}
