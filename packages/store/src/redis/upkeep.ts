/** What a reaper does to the store in Redis: sweeps, of which one at a time is in effect. */

import type { Cluster } from "../cluster/cluster.ts";
import { type AuditReport, audit } from "./audit.ts";
import { createRedisCluster } from "./cluster.ts";
import { type ConnectionOptions, connect, failAtStart, requireUsableServer } from "./connect.ts";
import { createInit } from "./init.ts";
import { storeKeys } from "./keys.ts";
import { list, text } from "./reply.ts";
import { loadScript } from "./script-loader.ts";
import { createScriptRunner, type ScriptRunner } from "./script-runner.ts";
import { directSender } from "./sender.ts";
import { defaultTombstones, type TombstoneOptions } from "./tombstones.ts";

export type UpkeepOptions = ConnectionOptions &
  TombstoneOptions & {
    /** As for the store. */
    readonly keyPrefix?: string;
  };

export interface Upkeep {
  /** For what reapers keep in Redis themselves: in the slot of the store, without meeting it. */
  readonly reaperKeyPrefix: string;
  readonly cluster: Cluster;
  /**
   * Begins a sweep and takes away the licence of the one before: from this moment it changes nothing any more, whatever
   * became of who ran it. Rejects StoreUnavailable.
   */
  begin(): Promise<Sweep>;
  /** Resolves when Redis can be written now; rejects StoreUnavailable with the reason otherwise. */
  ready(): Promise<void>;
  /** At once; what is under way rejects. */
  close(): void;
}

/** All methods reject SweepOvertaken when another sweep has begun, and StoreUnavailable. */
export interface Sweep {
  /** Milliseconds since the last complete audit began, whoever made it; Infinity when there was none. */
  readonly auditAgeMs: number;
  /** Removes a batch of groups whose time to live has passed, oldest first, and trims a batch of tombstones. */
  expire(): Promise<SweptBatch>;
  /**
   * Compares the counts of families, shapes and jobs with the groups, and corrects them; pushes may go on meanwhile. Rejects
   * AuditInterrupted when it cannot be finished, and the signal's reason when that is aborted.
   */
  audit(signal: AbortSignal): Promise<AuditReport>;
}

interface SweptBatch {
  readonly groups: number;
  /** True when there is more to do now. */
  readonly more: boolean;
}

/** Another sweep has begun. */
export class SweepOvertaken extends Error {
  override readonly name = "SweepOvertaken";
}

/** One script of so many takes Redis about a millisecond, with five families each, and 2.2 s for 100,000; twice as many at once need 1.9 s. */
const groupsAtOnce = 50;

/** Rejects as `createRedisStore` does. */
export async function createRedisUpkeep(options: UpkeepOptions): Promise<Upkeep> {
  const connection = await connect(options);
  const keys = storeKeys(options.keyPrefix);
  const run = createScriptRunner(connection, directSender(connection), keys.state);
  const ready = createInit(connection, run, "any");
  const tombstones = String(options.tombstones ?? defaultTombstones);
  const scripts = {
    begin: loadScript("begin-sweep"),
    expire: loadScript("expire"),
    finishAudit: loadScript("finish-audit"),
  };

  try {
    await requireUsableServer(connection);
    await ready().catch(failAtStart);
  } catch (error) {
    connection.close();
    throw error;
  }

  return {
    reaperKeyPrefix: keys.state.replace(/state$/, "reaper"),
    cluster: createRedisCluster(connection, keys.state),
    ready,

    async begin() {
      const [number, now, auditedAt] = list(await run(scripts.begin, [])).map(text);
      const sweep = number ?? "";
      const runInSweep: ScriptRunner = async (script, args) => {
        const reply = await run(script, args);
        if (reply === 0) throw new SweepOvertaken("another sweep has begun");
        return reply;
      };
      return {
        auditAgeMs: auditedAt === "0" ? Number.POSITIVE_INFINITY : Number(now) - Number(auditedAt),

        async expire() {
          const reply = await runInSweep(scripts.expire, [String(groupsAtOnce), tombstones, sweep]);
          const [groups, isCutShort] = list(reply).map(Number);
          return { groups: groups ?? 0, more: isCutShort === 1 || groups === groupsAtOnce };
        },

        async audit(signal) {
          const report = await audit(runInSweep, sweep, signal);
          await runInSweep(scripts.finishAudit, [sweep, now ?? ""]);
          return report;
        },
      };
    },

    close() {
      connection.close();
    },
  };
}
