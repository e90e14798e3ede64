/**
 * Who sweeps when: a job scheduler of BullMQ, which all reapers share. It makes the next job when one is taken, and global
 * concurrency lets one job run at a time. That is good for taking turns; that two sweeps never work at once, even after a
 * reaper was frozen for longer than its lock, is the store's promise (`Upkeep.begin`).
 */
import { type ConnectionOptions, Queue, Worker } from "bullmq";

export interface SweepScheduleOptions {
  readonly connection: ConnectionOptions;
  readonly keyPrefix: string;
  readonly intervalMs: number;
  /** Does one sweep. Must not reject. */
  readonly sweep: () => Promise<void>;
  /** Errors of BullMQ and its connections, which try again by themselves. */
  readonly onError: (error: Error) => void;
}

export interface SweepSchedule {
  /**
   * Makes sure that sweeps are scheduled, as after a FLUSHALL or a failover that lost the last writes they may not be.
   * Changes nothing when they are.
   */
  uphold(): Promise<void>;
  /** Takes no more jobs; with `waits`, lets the one under way finish, for some seconds. */
  close(options: { readonly waits: boolean }): Promise<void>;
}

const queueName = "sweeps";
const schedulerId = "sweep";
/** A killed reaper's sweep is taken over when this is over and a check has noticed, or two. */
const lockMs = 4_000;
const stalledCheckMs = 1_000;
/** Events are for others to follow, and nobody does. */
const eventsKept = 10;
/** A reaper that found another one at work asks again so soon. */
const idleSeconds = 1;
/** After a failure of the connection. */
const retryMs = 1_000;
const closeTimeoutMs = 4_000;
const removeAtOnce = { count: 0 } as const;

export function scheduleSweeps(options: SweepScheduleOptions): SweepSchedule {
  const { connection, keyPrefix: prefix, intervalMs, sweep, onError } = options;
  const queue = new Queue(queueName, { connection, prefix, streams: { events: { maxLen: eventsKept } } });
  const worker = new Worker(queueName, sweep, {
    connection,
    prefix,
    concurrency: 1,
    lockDuration: lockMs,
    stalledInterval: stalledCheckMs,
    // A sweep that was interrupted goes on where it was, however often.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
    drainDelay: idleSeconds,
    runRetryDelay: retryMs,
    removeOnComplete: removeAtOnce,
    removeOnFail: removeAtOnce,
  });
  queue.on("error", onError);
  worker.on("error", onError);

  return {
    async uphold() {
      await queue.setGlobalConcurrency(1);
      await queue.upsertJobScheduler(
        schedulerId,
        { every: intervalMs },
        { opts: { removeOnComplete: true, removeOnFail: true } },
      );
    },

    async close({ waits }) {
      const closed = worker.close(!waits);
      // Without Redis what is under way never ends; cutting the connections ends it.
      const cut = setTimeout(() => void worker.getBackend().close(true), closeTimeoutMs);
      await closed;
      clearTimeout(cut);
      await (waits ? queue.close() : queue.getBackend().close(true));
    },
  };
}
