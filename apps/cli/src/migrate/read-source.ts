import {
  type Client,
  ClientError,
  type ClientErrorCode,
  type FamilyAnswer,
  type GroupMetrics,
} from "@pushfleet/client";
import type { Family, Label } from "@pushfleet/exposition";
import { groupOf } from "@pushfleet/groups";
import { failureTime, familyOf, numberOf, pushTime } from "../family-answer.ts";
import type { CopiedGroup, NotCopied } from "./copied-group.ts";
import { type Exposition, scrapeExposition } from "./exposition.ts";

/** What the source had at one moment. */
export interface Source {
  readonly groups: readonly CopiedGroup[];
  /** Groups that cannot be told exactly, so far: there is something in them that only a scrape tells. */
  readonly unreadable: readonly NotCopied[];
  /** False when only the API answered. */
  readonly isScraped: boolean;
}

interface ReadOptions {
  readonly selects: (labels: readonly Label[]) => boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** How long a gateway that fails to be scraped is tried: a Pushgateway that is broken stays it. */
const scrapeTimeoutMs = 20_000;

/** What a scrape may fail of where the API answers. */
const failsAlone: ReadonlySet<ClientErrorCode> = new Set(["unavailable", "timeout"]);

/**
 * Reads all groups that are selected. Which series a group has, the API tells: labels alone do not, because a series with a label
 * of its own looks like one of a group with that label. What they are, the scrape tells, with types, exemplars and native buckets
 * as they were pushed. It comes a moment later: of a group that was pushed to in between, and of all when the source fails to be
 * scraped, the values are those of the API, which are exact too but for what it does not tell.
 */
export async function readSource(
  client: Client,
  { selects, timeoutMs, signal }: ReadOptions,
): Promise<Source> {
  const answers = await client.metrics({ timeoutMs, signal });
  const exposition = await scrapeExposition(client, {
    timeoutMs: Math.min(timeoutMs, scrapeTimeoutMs),
    signal,
  }).catch((error: unknown) => {
    if (error instanceof ClientError && failsAlone.has(error.code)) return undefined;
    throw error;
  });
  const groups = new Map<string, CopiedGroup>();
  const unreadable: NotCopied[] = [];
  for (const answer of answers) {
    const { id, labels } = groupOf(Object.entries(answer.labels));
    if (!selects(labels)) continue;
    const read = readGroup(answer, exposition);
    if (typeof read === "string") unreadable.push({ labels, reason: read });
    else groups.set(id, joined(groups.get(id), { id, labels, ...read }));
  }
  return { groups: [...groups.values()], unreadable, isScraped: exposition !== undefined };
}

/** What is in the group, or why it cannot be told. */
function readGroup(
  { families, remainingTtlSeconds }: GroupMetrics,
  exposition: Exposition | undefined,
): Omit<CopiedGroup, "id" | "labels"> | string {
  const [pushed, failed] = [timeOf(families, pushTime), timeOf(families, failureTime)];
  const isSame = isScraped(families, exposition);
  const read: Family[] = [];
  for (const answer of families) {
    if (answer.name === pushTime || answer.name === failureTime || answer.metrics.length === 0) continue;
    const family = isSame ? scraped(answer, exposition) : undefined;
    if (family === undefined && !isToldWhole(answer))
      return exposition === undefined
        ? `the native histogram ${answer.name} cannot be had, because the source fails to be scraped`
        : `the native histogram ${answer.name} is pushed again and again while it is read`;
    read.push(family ?? familyOf(answer));
  }
  return {
    times: { pushedSeconds: pushed, failedSeconds: failed },
    ttlMs: remainingTtlSeconds === undefined ? undefined : Math.max(1, Math.ceil(remainingTtlSeconds * 1000)),
    families: read,
  };
}

type Answers = GroupMetrics["families"];

function timeOf(families: Answers, name: string): number {
  return numberOf(families.find((family) => family.name === name)?.metrics[0]?.value);
}

/** Whether the scrape has the group as of the same push. */
function isScraped(families: Answers, exposition: Exposition | undefined): exposition is Exposition {
  const time = families.find(({ name }) => name === pushTime)?.metrics[0];
  if (exposition === undefined || time === undefined) return false;
  const data = exposition.find(pushTime, Object.entries(time.labels))?.data;
  return data?.kind === "simple" && data.value === numberOf(time.value);
}

/** Undefined when the scrape lacks something of it. */
function scraped(answer: Answers[number], exposition: Exposition): Family | undefined {
  const found = answer.metrics.map(({ labels }) => exposition.find(answer.name, Object.entries(labels)));
  const metrics = found.filter((metric) => metric !== undefined);
  const type = exposition.families.get(answer.name)?.type;
  if (metrics.length < found.length || type === undefined) return undefined;
  return { name: answer.name, help: answer.help ?? "", type, metrics };
}

/** Buckets of native histograms are a list; without any, nobody can tell which kind it was. */
function isToldWhole({ type, metrics }: FamilyAnswer): boolean {
  if (type !== "HISTOGRAM" && type !== "GAUGE_HISTOGRAM") return true;
  return metrics.every(({ buckets = {} }) => !Array.isArray(buckets) && Object.keys(buckets).length > 0);
}

/**
 * A Pushgateway has groups that differ by empty labels only. To Prometheus those are the same labels, so here it is one group: the
 * one that was pushed to later, with what only the other has.
 */
function joined(other: CopiedGroup | undefined, group: CopiedGroup): CopiedGroup {
  if (other === undefined) return group;
  const [earlier, later] =
    other.times.pushedSeconds > group.times.pushedSeconds ? [group, other] : [other, group];
  const names = new Set(later.families.map(({ name }) => name));
  return {
    ...later,
    families: [...later.families, ...earlier.families.filter(({ name }) => !names.has(name))],
  };
}
