/** The store in Redis, shared by all gateway replicas. */
import type { AdmittedFamily, Group, GroupId } from "@pushfleet/groups";
import type { Cluster } from "../cluster/cluster.ts";
import { exceeded, roomBeside } from "../limits.ts";
import type { Replication } from "../replication/replication.ts";
import type { RegionId } from "../replication/version.ts";
import {
  type Changes,
  type Cursor,
  type DeleteCondition,
  type FailureOptions,
  type GroupStore,
  type PushOptions,
  StoreUnavailable,
} from "../store.ts";
import type { TokenSource } from "../tokens.ts";
import { createRedisCluster } from "./cluster.ts";
import { type ConnectionOptions, connect, failAtStart, requireUsableServer } from "./connect.ts";
import { createInFlight } from "./in-flight.ts";
import { createInit } from "./init.ts";
import { storeKeys } from "./keys.ts";
import { createPatience } from "./patience.ts";
import { createFamilyReader } from "./pushed-families.ts";
import { createRedisReplication } from "./replication.ts";
import { changesOf, noShapesYet, positionOf } from "./replies.ts";
import type { Reply } from "./reply.ts";
import { createScriptRunner } from "./script-runner.ts";
import { createScripts } from "./scripts.ts";
import { confirmedSender, directSender } from "./sender.ts";
import { createRedisTokens } from "./tokens.ts";
import type { RegionOptions, TombstoneOptions } from "./tombstones.ts";

export type RedisStoreOptions = ConnectionOptions &
  TombstoneOptions &
  RegionOptions & {
    /** Replicas that must hold a mutation before it resolves, and confirm a read. Default 0: the primary's word is enough. */
    readonly acks?: number;
    /** Milliseconds that a mutation waits for an unavailable Redis to come back. Default 0: it rejects at once. */
    readonly holdMs?: number;
    /** Put before every key; must hold a hash tag for Redis Cluster. Stores with different prefixes do not meet. */
    readonly keyPrefix?: string;
    /** The region that this store is of, and all data in it that says no other. Absent: there are no regions. */
    readonly region?: RegionId;
  };

export interface RedisStore extends GroupStore {
  /** Must not be used after `close` either. */
  readonly cluster: Cluster;
  /** The same. */
  readonly tokens: TokenSource;
  /** Null in a store of no region. The same. */
  readonly replication: Replication | null;
}

/** Replicas take a millisecond; a primary that lost them should be left soon. */
const acknowledgementMs = 1_000;
/** Of memory for pushes that wait for Redis to come back: enough for 14,000 of twelve short series. */
const maxHeldBytes = 192 * 1024 * 1024;
/** What a series of a push takes until it is stored, beside its text: parsed, admitted, its identity. Measured: 650 to 1130. */
const bytesOfSeries = 700;
/** Groups in one script, so that none holds Redis for more than some milliseconds: those that are read … */
const groupsAtOnce = 500;
/** … and those that are removed. */
const removedAtOnce = 50;
/** Shapes change rarely, and names with two types are rare: a push that fails every time is met by a broken store, not by bad luck. */
const maxAttempts = 20;

/**
 * Rejects with one clear line when Redis cannot be reached (StoreUnavailable), is too old, may evict keys, or holds
 * data of a schema this code does not know or of another region.
 */
export async function createRedisStore(options: RedisStoreOptions): Promise<RedisStore> {
  const connection = await connect(options);
  const keys = storeKeys(options.keyPrefix);
  const { acks = 0, holdMs = 0, region } = options;
  const sender =
    acks === 0
      ? directSender(connection)
      : confirmedSender(connection, { replicas: acks, timeoutMs: acknowledgementMs, barrier: keys.barrier });
  const run = createScriptRunner(connection, sender, keys.state);
  const scripts = createScripts({ run, keys, tombstones: options.tombstones });
  const ready = createInit(connection, run, region ?? null, options.tombstoneRetentionMs);
  const patience = createPatience({ timeoutMs: holdMs, maxBytes: maxHeldBytes, probe: ready });
  try {
    await requireUsableServer(connection);
    await patience.hold(0, () => ready().catch(failAtStart));
  } catch (error) {
    connection.close();
    throw error;
  }

  const readFamilies = createFamilyReader(region);
  let known = noShapesYet;
  const inFlight = createInFlight();
  /**
   * By the cursor that asks for it: Redis puts the next page of a listing together while this process reads the one
   * before, which takes a third off a long listing. A cursor that stands at the end has none.
   */
  const pagesAhead = new WeakMap<Cursor, { readonly size: number; readonly reply: Promise<Reply> }>();

  /** Every mutation goes through here. `bytes` is what it keeps in memory while it waits for Redis. */
  const mutate = async <T>(mutation: () => Promise<T>, bytes = 0): Promise<T> => {
    inFlight.begin();
    try {
      return await patience.hold(bytes, mutation);
    } finally {
      inFlight.end();
    }
  };

  const expire = async (limit: number): Promise<number> => {
    let removed = 0;
    let more = true;
    while (more && removed < limit) {
      const wanted = Math.min(limit - removed, removedAtOnce);
      const batch = await scripts.expire(wanted);
      removed += batch.groups;
      more = batch.more || batch.groups === wanted;
    }
    return removed;
  };

  const push = async (
    group: Group,
    families: readonly AdmittedFamily[],
    options: PushOptions,
  ): Promise<void> => {
    if (options.limits !== undefined && roomBeside(families, options.limits) < 0)
      throw exceeded("group.max-series", group, options.limits);
    let hasSwept = false;
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const outcome = await scripts.push(group, families, options, known);
      switch (outcome.kind) {
        case "written":
          return;
        case "stale-shapes":
          known = outcome.current;
          break;
        case "sweep-needed":
          await expire(Number.POSITIVE_INFINITY);
          break;
        case "refused":
          if (hasSwept || !outcome.somethingExpired) throw outcome.error;
          await expire(Number.POSITIVE_INFINITY);
          hasSwept = true;
      }
    }
    throw new StoreUnavailable("the stored groups change faster than a push can be checked");
  };

  const recordFailure = async (group: Group, options: FailureOptions): Promise<void> => {
    const outcome = await scripts.recordFailure(group, options);
    if (outcome.kind === "recorded" || options.ifMissing === "nothing" || !outcome.somethingExpired) return;
    await expire(Number.POSITIVE_INFINITY);
    await scripts.recordFailure(group, options);
  };

  return {
    cluster: createRedisCluster(connection, keys.state),
    tokens: createRedisTokens(connection, keys.state),
    replication:
      region === undefined
        ? null
        : createRedisReplication({
            region,
            run,
            mutate,
            maxAheadMs: options.maxAheadMs,
            tombstones: options.tombstones,
          }),

    push(group, families, options) {
      return mutate(() => push(group, families, options), heldBytes(families));
    },

    recordFailure(group: Group, options = {}) {
      return mutate(() => recordFailure(group, options));
    },

    delete(id: GroupId, condition: DeleteCondition = {}) {
      return mutate(() => scripts.delete(id, condition));
    },

    wipe() {
      return mutate(async () => {
        let batch = await scripts.wipe(undefined, removedAtOnce);
        let removed = batch.groups;
        while (batch.more) {
          batch = await scripts.wipe(batch.upTo, removedAtOnce);
          removed += batch.groups;
        }
        return removed;
      });
    },

    expire(limit: number) {
      return mutate(() => expire(limit));
    },

    async changes(since: Cursor | null, limit: number): Promise<Changes> {
      const size = Math.min(limit, groupsAtOnce);
      const ahead = since === null ? undefined : pagesAhead.get(since);
      const reply = await (ahead?.size === size ? ahead.reply : scripts.changes(since, size));
      const { cursor, more } = positionOf(reply);
      if (more) {
        const next = scripts.changes(cursor, size);
        // If it fails, whoever asks for it is told; perhaps nobody does.
        next.catch(() => {});
        pagesAhead.set(cursor, { size, reply: next });
      }
      return { ...changesOf(reply, readFamilies, region), cursor, more };
    },

    end() {
      return scripts.feedEnd();
    },

    ready,

    async close() {
      patience.stop();
      await inFlight.none();
      connection.close();
    },
  };
}

/** What the push keeps in memory. A text is there twice: the body that it was read from is still held too. */
function heldBytes(families: readonly AdmittedFamily[]): number {
  let bytes = 0;
  for (const family of families) {
    const length = family.bytes?.length ?? family.text.length;
    bytes += 2 * length + bytesOfSeries * family.metrics.length;
  }
  return bytes;
}
