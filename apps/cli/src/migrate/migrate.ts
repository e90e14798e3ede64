import { setTimeout as delay } from "node:timers/promises";
import { type Client, ClientError } from "@pushfleet/client";
import type { Label } from "@pushfleet/exposition";
import type { Context } from "../context.ts";
import { Failure } from "../failure.ts";
import { isOutage } from "../outage.ts";
import { startProgress } from "../progress.ts";
import { paintFor } from "../terminal.ts";
import type { MigrateOptions } from "./command.ts";
import { compare, scrapeTarget } from "./compare.ts";
import { type Copied, copyGroups } from "./copy.ts";
import { readSource, type Source } from "./read-source.ts";
import { countsJson, countsText, isComplete, outcomeJson, outcomeText } from "./report.ts";
import { type Decision, Target } from "./target.ts";

interface Migration {
  readonly source: Client;
  /** Of the target. */
  readonly client: Client;
  readonly selects: (labels: readonly Label[]) => boolean;
  readonly options: MigrateOptions;
  readonly context: Context;
}

/** Copies, follows and compares as the options say; resolves to the exit code. @throws ClientError, Failure */
export async function migrate(migration: Migration): Promise<number> {
  const { client, options, context } = migration;
  const interrupted = new AbortController();
  using _ = context.onSignals(["SIGINT", "SIGTERM"], () => {
    if (interrupted.signal.aborted) context.exit(1); // Once is a wish, twice an order.
    interrupted.abort();
  });
  const target = new Target(client);
  const round = { ...migration, target, signal: interrupted.signal };
  if (options["dry-run"]) return tellPlan(round);
  const { source, copied } = await copyAndFollow(round);
  const exposition = await scrapeTarget(client, options.timeout);
  // After the scrape: what was pushed there before it is not what was copied any more.
  await target.refresh(unending);
  const there = source.groups.filter((group) => target.decide(group) === "there");
  const comparison = compare(there, exposition, { isShared: there.length < (await groupCount(client)) });
  const outcome = { copied, unreadable: source.unreadable, comparison, isScraped: source.isScraped };
  const { stdout } = context;
  stdout.write(options.json ? outcomeJson(outcome) : outcomeText(outcome, paintFor(stdout, options)));
  return isComplete(outcome) ? 0 : 1;
}

/** What follows the copying is short. */
const unending = new AbortController().signal;

type Round = Migration & { readonly target: Target; readonly signal: AbortSignal };

async function tellPlan({ source, selects, target, signal, options, context }: Round): Promise<number> {
  const { groups, unreadable } = await readSource(source, { selects, timeoutMs: options.timeout, signal });
  await target.refresh(signal);
  const decisions = Map.groupBy(groups, (group) => target.decide(group));
  const count = (decision: Decision) => decisions.get(decision)?.length ?? 0;
  const plan: Copied = {
    counts: { copy: count("copy") + unreadable.length, there: count("there"), newer: count("newer") },
    refused: [],
  };
  context.stdout.write(
    options.json
      ? `${JSON.stringify({ ...countsJson(plan), dry_run: true })}\n`
      : `${countsText(plan, "would be copied")}\n`,
  );
  return 0;
}

interface Finished {
  readonly source: Source;
  readonly copied: Copied;
}

/** Resolves to what the source had at last, and to what was copied in all. */
async function copyAndFollow(round: Round): Promise<Finished> {
  const { options, signal, context } = round;
  const first = await copyOnce(round);
  if (!options.follow) return first;
  let last = first;
  let { copy: copies } = first.copied.counts;
  let changedAt = performance.now();
  const idleMs = options["until-idle"] === 0 ? Number.POSITIVE_INFINITY : options["until-idle"];
  while (!signal.aborted && performance.now() - changedAt < idleMs) {
    await delay(options.interval, undefined, { signal }).catch(() => {});
    try {
      const next = await copyOnce(round);
      const { copy } = next.copied.counts;
      if (copy > 0) context.stderr.write(`${new Date(context.now()).toISOString()} ${copy} copied\n`);
      copies += copy;
      if (latestPush(next.source) > latestPush(last.source)) changedAt = performance.now();
      last = next;
    } catch (error) {
      if (signal.aborted && error instanceof ClientError) break;
      if (!isOutage(error)) throw error;
      context.warn(`${error.message}; trying again`);
    }
  }
  const { newer } = last.copied.counts;
  const counts = { ...first.copied.counts, copy: copies, newer };
  return { source: last.source, copied: { counts, refused: last.copied.refused } };
}

function latestPush({ groups }: Source): number {
  return groups.reduce((latest, { times }) => Math.max(latest, times.pushedSeconds), 0);
}

const mostReadings = 3;

/** A native histogram that was pushed while it was read is read again. */
async function readSettled({ source, selects, options, signal }: Round): Promise<Source> {
  for (let reading = 1; ; reading++) {
    const read = await readSource(source, { selects, timeoutMs: options.timeout, signal });
    if (read.unreadable.length === 0 || !read.isScraped || reading === mostReadings) return read;
  }
}

async function copyOnce(round: Round): Promise<Finished> {
  const { client, target, options, signal, context } = round;
  const source = await readSettled(round);
  using progress = startProgress(context.stderr, { unit: "groups", total: source.groups.length });
  const copied = await copyGroups(source.groups, {
    client,
    target,
    connections: options.connections,
    signal,
    onProgress: (done) => progress.show(done),
  });
  const { copy, there, newer } = copied.counts;
  if (copy + there + newer + copied.refused.length < source.groups.length)
    throw new Failure(`interrupted: ${countsText(copied, "copied")}; run it again to go on`);
  return { source, copied };
}

async function groupCount(client: Client): Promise<number> {
  for await (const { total } of client.groups({ limit: 1 })) return total;
  return 0;
}
