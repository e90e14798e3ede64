import { type Client, protobufScrape } from "@pushfleet/client";
import { decodeProtobuf, type Family, type Label, type Metric } from "@pushfleet/exposition";
import { seriesKey } from "./copied-group.ts";

/** What a gateway exposes: every series, with all that protobuf can say of it. */
export interface Exposition {
  /** By their names. */
  readonly families: ReadonlyMap<string, Family>;
  find(name: string, labels: readonly Label[]): Metric | undefined;
}

interface ScrapeLimits {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Which labels tell series apart; absent = all, empty ones too. */
  readonly labels?: (labels: readonly Label[]) => readonly Label[];
}

/** @throws ClientError */
export async function scrapeExposition(
  client: Client,
  { labels: told = (all) => all, ...limits }: ScrapeLimits,
): Promise<Exposition> {
  const { body } = await client.scrape({ accept: protobufScrape, ...limits });
  const families = new Map(decodeProtobuf(body).map((family) => [family.name, family]));
  const series = new Map<string, Metric>();
  for (const { name, metrics } of families.values())
    for (const metric of metrics) series.set(seriesKey(name, told(metric.labels)), metric);
  return { families, find: (name, labels) => series.get(seriesKey(name, told(labels))) };
}
