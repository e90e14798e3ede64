import { setTimeout as delay } from "node:timers/promises";
import type { GroupId } from "@pushfleet/groups";
import type { GroupVersions, Replication, VersionsCursor } from "@pushfleet/store";
import { Digest, type Hash, hashOf } from "./digest.ts";

export interface DigestOptions {
  /** `--federation.tombstone-retention`. */
  readonly tombstoneRetentionMs: number;
  /** Ends the reading early: what it gives then is of no use. */
  readonly signal?: AbortSignal;
}

/** The hashes of all groups, and the digest made of them. Rejects StoreUnavailable. */
export async function readHashes(
  replication: Replication,
  options: DigestOptions,
): Promise<{ readonly digest: Digest; readonly hashes: ReadonlyMap<GroupId, Hash> }> {
  const digest = new Digest();
  // Of a group that changes meanwhile the last time counts, so what it was before has to be known.
  const hashes = new Map<GroupId, Hash>();
  for await (const group of allVersions(replication, options)) {
    const [before, hashed] = [hashes.get(group.id), hashOf(group)];
    if (before !== undefined) digest.toggle(group.id, before);
    digest.toggle(group.id, hashed);
    hashes.set(group.id, hashed);
  }
  return { digest, hashes };
}

const groupsInPage = 500;
/** Between two pages, so that pushes wait for one page at most and have most of the store's time. */
const pauseMs = 5;

async function* allVersions(
  replication: Replication,
  { tombstoneRetentionMs, signal }: DigestOptions,
): AsyncGenerator<GroupVersions> {
  const { nowMicros } = await replication.standing();
  const forgotten = nowMicros - tombstoneRetentionMs * 1000 * comparedShare;
  let after: VersionsCursor | null = null;
  do {
    const page: Awaited<ReturnType<Replication["versions"]>> = await replication.versions(
      after,
      groupsInPage,
    );
    for (const group of page.groups) if (!isForgotten(group, forgotten)) yield group;
    after = page.next;
    if (after !== null) await delay(pauseMs, undefined, signal === undefined ? {} : { signal });
  } while (after !== null);
}

/**
 * Regions forget a deletion at slightly different times. Those that are about to be forgotten are no difference: they would be brought
 * back for ever by whoever still has them.
 */
const comparedShare = 0.9;

/** Whether a deletion is too old to be worth a comparison. */
function isForgotten({ life, floor }: GroupVersions, beforeMicros: number): boolean {
  return life === null && (floor === null || floor.micros < beforeMicros);
}
