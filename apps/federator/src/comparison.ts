/** Anti-entropy: finds the groups in which a peer differs from this region, whosever they are, and sends it what is here. */
import { bucketOf, type Digest, encodeBatch, maxBucketsAsked, readHashes } from "@pushfleet/federation";
import type { Replication, ShippedFamily, VersionedGroup } from "@pushfleet/store";
import type { Member } from "./member.ts";
import { batchesOf } from "./round.ts";
import type { StoreClock } from "./store-clock.ts";

export interface ComparisonOptions {
  readonly replication: Replication;
  readonly clock: StoreClock;
  readonly tombstoneRetentionMs: number;
}

/** At once from the store. */
const groupsAtOnce = 200;
/**
 * What changed so shortly before is on its way by itself. Versions further ahead are of a clock that was wrong: the peer may have
 * refused them, and takes them now.
 */
const underWayMicros = 10e6;

/**
 * Compares all groups with the peer's and sends those that differ; what only the peer has is for its own region's federator to send.
 * Ends early with the tenure. Rejects LinkError and StoreUnavailable.
 */
export async function compareAll(member: Member, options: ComparisonOptions): Promise<void> {
  const { replication, clock, tombstoneRetentionMs } = options;
  const { link, status, tenure } = member;
  const begin = performance.now();
  member.comparisonBegins();
  const { nowMicros } = await replication.standing();
  clock.tell(nowMicros);
  const { digest: own, hashes } = await readHashes(replication, {
    tombstoneRetentionMs,
    signal: tenure.signal,
  });
  const { digest, history } = await link.digest();
  const hasLost = history !== tenure.record.peerHistory;

  let differing = 0;
  let repaired = 0;
  for (const buckets of chunks(
    own.differences(digest).filter((bucket) => !own.isEmpty(bucket)),
    maxBucketsAsked,
  )) {
    const theirs = await theirHashes(buckets, digest);
    const among = new Set<number | undefined>(buckets);
    const ids = [...hashes]
      .filter(([id, hash]) => among.has(bucketOf(id)) && theirs.get(id) !== hash)
      .map(([id]) => id);
    for (const some of chunks(ids, groupsAtOnce)) {
      const states = (await replication.groups(some)).filter(
        // A peer that has lost something lacks what was shipped to it last as well.
        (state) => hasLost || Math.abs(newestMicros(state) - nowMicros) > underWayMicros,
      );
      differing += states.length;
      repaired += await sendAll(states);
    }
  }

  if (tenure.signal.aborted) return;
  const comparedAtMs = Math.round(nowMicros / 1000);
  tenure.compared(history, comparedAtMs);
  await tenure.save();
  status.compared(comparedAtMs, { differing, repaired, seconds: (performance.now() - begin) / 1000 });

  async function theirHashes(
    buckets: readonly number[],
    theirDigest: Digest,
  ): Promise<ReadonlyMap<string, string>> {
    const asked = buckets.filter((bucket) => !theirDigest.isEmpty(bucket));
    return asked.length === 0 ? new Map() : link.buckets(asked);
  }

  /** Resolves to how many of them said something new to the peer. */
  async function sendAll(states: readonly VersionedGroup<ShippedFamily>[]): Promise<number> {
    let changed = 0;
    for (const batch of batchesOf(states)) {
      tenure.signal.throwIfAborted();
      const ids = batch.map(({ id }) => id);
      changed += await member.send(await encodeBatch(replication.region, batch), ids);
    }
    return changed;
  }
}

function newestMicros({ floor, life, failed, families }: VersionedGroup): number {
  const versions = [floor, life?.version, failed?.version, ...families.map(({ version }) => version)];
  return Math.max(...versions.map((version) => version?.micros ?? 0));
}

function* chunks<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}
