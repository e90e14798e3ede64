import { type Client, ClientError, type ClientErrorCode } from "@pushfleet/client";
import { encodeMetrics, type Family, familyPrefix } from "@pushfleet/exposition";
import { Failure } from "../failure.ts";
import { inParallel } from "../parallel.ts";
import type { CopiedGroup, NotCopied } from "./copied-group.ts";
import type { Decision, Target } from "./target.ts";

export interface CopyOptions {
  readonly client: Client;
  readonly target: Target;
  readonly connections: number;
  readonly signal: AbortSignal;
  /** Told how many groups are done. */
  onProgress(done: number): void;
}

export interface Copied {
  readonly counts: Readonly<Record<Decision, number>>;
  /** Groups that the target did not take. */
  readonly refused: readonly NotCopied[];
}

/** Before so many are copied, the target is asked what was pushed there meanwhile, since it began to be listed: that is not to be overwritten. */
const batchSize = 100;

/** Copies the groups that the target lacks or has older. Ends after the batch in which the signal aborts. @throws ClientError, Failure */
export async function copyGroups(groups: readonly CopiedGroup[], options: CopyOptions): Promise<Copied> {
  const { target, connections, signal, onProgress } = options;
  const refused: NotCopied[] = [];
  await target.refresh(signal);
  const {
    copy: wanted = [],
    there = [],
    newer = [],
  } = Object.groupBy(groups, (group) => target.decide(group));
  const counts = { copy: 0, there: there.length, newer: newer.length };
  const done = () => counts.copy + counts.there + counts.newer + refused.length;
  onProgress(done());
  for (let at = 0; at < wanted.length && !signal.aborted; at += batchSize) {
    await target.refresh(signal);
    await inParallel(wanted.slice(at, at + batchSize), connections, async (group) => {
      const decision = target.decide(group);
      const problem = decision === "copy" ? await copyGroup(group, options) : undefined;
      if (problem !== undefined) refused.push(problem);
      else counts[decision]++;
      onProgress(done());
    });
  }
  return { counts, refused };
}

async function copyGroup(
  group: CopiedGroup,
  { client, target }: CopyOptions,
): Promise<NotCopied | undefined> {
  const { labels, times, ttlMs, families } = group;
  try {
    await client.push(labels, bodyOf(families), { mode: "replace", format: "protobuf", times, ttlMs });
    target.copied(group);
    return undefined;
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    if (error.code === "forbidden")
      throw new Failure(`${error.message}; to tell when groups were pushed to needs the role admin`, {
        cause: error,
      });
    if (!isAboutGroup.has(error.code)) throw error;
    return { labels, reason: error.answer || error.message };
  }
}

/** Other groups may still be taken. */
const isAboutGroup: ReadonlySet<ClientErrorCode> = new Set([
  "refused",
  "too-large",
  "too-many",
  "bad-option",
]);

function bodyOf(families: readonly Family[]): Uint8Array {
  return Buffer.concat(
    families.flatMap((family) => {
      const metrics = encodeMetrics(family.type, family.metrics);
      return [familyPrefix(family, metrics.length), metrics];
    }),
  );
}
