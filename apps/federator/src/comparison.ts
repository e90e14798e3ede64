/** Anti-entropy: finds the groups in which a peer differs from this region, whosever they are, and sends it what is here. */
import { bucketOf, type Digest, maxBucketsAsked, readHashes } from "@pushfleet/federation";
import type { Replication, Version, VersionedGroup } from "@pushfleet/store";
import { type Batch, Batches, type Shipped } from "./batch.ts";
import type { Member } from "./member.ts";
import type { StoreClock } from "./store-clock.ts";

export interface ComparisonOptions {
  readonly replication: Replication;
  readonly clock: StoreClock;
  readonly tombstoneRetentionMs: number;
}

/** At once from the store: they may be large. */
const groupsAtOnce = 10;
/**
 * What changed here so shortly before is on its way by itself; what changed elsewhere may have no other way than this one. Versions
 * further ahead are of a clock that was wrong: the peer may have refused them, and takes them now.
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
  const batches = new Batches(replication.region);
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
      // A peer that has lost something lacks what was shipped to it last as well.
      const states = (await replication.groups(some)).filter((state) => hasLost || !isUnderWay(state));
      differing += states.length;
      for await (const batch of batches.add(states)) await send(batch);
    }
  }
  if (batches.hasRest) await send(await batches.rest());

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

  function isUnderWay(state: Shipped): boolean {
    const newest = newestVersion(state);
    return newest?.region === replication.region && Math.abs(newest.micros - nowMicros) <= underWayMicros;
  }

  async function send(batch: Batch): Promise<void> {
    tenure.signal.throwIfAborted();
    const { changed } = await member.send(batch);
    repaired += changed;
  }
}

function newestVersion({ floor, life, failed, families }: VersionedGroup): Version | null {
  let newest = floor;
  for (const version of [life?.version, failed?.version, ...families.map((family) => family.version)]) {
    if (version !== undefined && version.micros > (newest?.micros ?? 0)) newest = version;
  }
  return newest;
}

function* chunks<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}
