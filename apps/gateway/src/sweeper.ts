import { setImmediate } from "node:timers/promises";
import type { Logger, Telemetry } from "@pushfleet/runtime";
import type { GroupStore } from "@pushfleet/store";

export interface Sweeper {
  /** No sweep runs or begins after this resolved. */
  stop(): Promise<void>;
}

interface SweeperOptions {
  readonly store: Pick<GroupStore, "expire">;
  readonly log: Logger;
  readonly telemetry: Telemetry;
  /** Between the end of a sweep and the next. */
  readonly everyMs?: number;
  /** Groups removed at once, with everything else waiting meanwhile. */
  readonly batch?: number;
}

/**
 * Frees what expired groups take up, in a process that has its store for itself; with a shared store reapers do it. Only
 * space hangs on it: expired groups are absent for everyone, swept or not.
 * A failure is logged once, until it works again. Keeps no process alive.
 */
export function startSweeper(options: SweeperOptions): Sweeper {
  const { store, log, telemetry, everyMs = 1_000, batch = 200 } = options;
  const expired = telemetry.counter(
    "pushfleet_groups_expired_total",
    "Expired groups whose space this gateway freed.",
  );
  let isStopped = false;
  let isFailing = false;
  let sweeping = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const sweep = async () => {
    try {
      let removed = 0;
      let groups = batch;
      while (!isStopped && groups === batch) {
        groups = await store.expire(batch);
        removed += groups;
        expired.inc(groups);
        await setImmediate();
      }
      if (removed > 0) log.debug({ groups: removed }, "removed what has expired");
      if (isFailing) log.info("expired groups are removed again");
      isFailing = false;
    } catch (error) {
      if (!isFailing) log.error({ err: error }, "expired groups cannot be removed; trying on");
      isFailing = true;
    }
    schedule();
  };
  const schedule = () => {
    if (isStopped) return;
    timer = setTimeout(() => {
      sweeping = sweep();
    }, everyMs).unref();
  };
  schedule();
  return {
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await sweeping;
    },
  };
}
