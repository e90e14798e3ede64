import { readFileSync } from "node:fs";
import type { Label } from "@pushfleet/exposition";
import { readScrape, type ScrapedFamily } from "../conformance/scrape.ts";
import type { Client, Command } from "./client.ts";

/** What `all` and `gauge` are, in text. */
export function exposition(metrics: Command["metrics"]): string {
  return readFileSync(new URL(`expositions/${metrics}.txt`, import.meta.url), "utf8");
}

/** What a scrape shows of them once the client has pushed them with these grouping labels, by the families' names. */
export function expectedFamilies(
  metrics: Command["metrics"],
  labels: readonly Label[],
  { lacks = [] }: Pick<Client, "lacks">,
): ReadonlyMap<string, ScrapedFamily> {
  const expected = new Map<string, ScrapedFamily>();
  for (const [name, family] of readScrape(exposition(metrics))) {
    if (lacks.some((lacking) => lacking === family.type)) continue;
    const samples = family.samples
      .filter((sample) => !lacks.includes("quantiles") || !sample.includes("{quantile="))
      .map((sample) => withLabels(sample, labels))
      .toSorted();
    expected.set(name, { ...family, samples });
  }
  return expected;
}

/** What a scrape shows of the job, by the families' names, without the push times and creation times. */
export function familiesOfJob(scrape: string, job: string): ReadonlyMap<string, ScrapedFamily> {
  return new Map(
    [...everythingOfJob(scrape, job)].filter(
      ([name]) => !/^push_(?:failure_)?time_seconds$|_created$/.test(name),
    ),
  );
}

/** Whether a scrape shows of the job since when its counters count. */
export function hasCreationTimes(scrape: string, job: string): boolean {
  return [...everythingOfJob(scrape, job).keys()].some((name) => name.endsWith("_created"));
}

function everythingOfJob(scrape: string, job: string): ReadonlyMap<string, ScrapedFamily> {
  const found = new Map<string, ScrapedFamily>();
  for (const [name, family] of readScrape(scrape)) {
    const samples = family.samples.filter((sample) => sample.includes(labelText("job", job)));
    if (samples.length > 0) found.set(name, { ...family, samples });
  }
  return found;
}

/** Whether a scrape shows anything of the job, its push time included. */
export function hasJob(scrape: string, job: string): boolean {
  return scrape.includes(labelText("job", job));
}

/** Puts the labels where a scrape has them: sorted by name, those of buckets and quantiles last, none that is empty. */
function withLabels(sample: string, labels: readonly Label[]): string {
  const [, name, own = "", value] = /^([^{ ]+)(?:\{(.*)\})? (\S+)$/.exec(sample) ?? [];
  const isLast = (label: string) => /^(?:le|quantile)=/.test(label);
  const all = [
    ...labels.filter(([, text]) => text !== "").map(([label, text]) => labelText(label, text)),
    own,
  ]
    .filter((label) => label !== "")
    .toSorted((a, b) => Number(isLast(a)) - Number(isLast(b)) || (a < b ? -1 : 1));
  return `${name}{${all.join(",")}} ${value}`;
}

function labelText(name: string, value: string): string {
  return `${name}="${value.replace(/["\\]/g, "\\$&")}"`;
}
