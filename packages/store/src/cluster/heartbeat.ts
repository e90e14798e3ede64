import { type Cluster, heartbeatMs, type MemberReport } from "./cluster.ts";

export interface Heartbeat {
  /** Tells what has just changed, without waiting for the next beat. */
  beatNow(): void;
  /** Says goodbye. Never rejects; takes as long as a store that does not answer lets it. */
  stop(): Promise<void>;
}

/**
 * Tells the cluster of this process, now and every `heartbeatMs`. A beat that fails is left out: the store's own users
 * notice an outage, and the next beat ends it.
 */
export function startHeartbeat(cluster: Cluster, report: () => MemberReport): Heartbeat {
  let beating = Promise.resolve();
  let waits = false;
  const beatNow = () => {
    // One may wait for the one under way, to tell what has changed since; more would pile up in an outage.
    if (waits) return;
    waits = true;
    beating = beating.then(() => {
      waits = false;
      return cluster.beat(report()).catch(() => {});
    });
  };
  beatNow();
  const timer = setInterval(beatNow, heartbeatMs).unref();
  return {
    beatNow,
    async stop() {
      clearInterval(timer);
      await beating;
      await cluster.leave(report().id).catch(() => {});
    },
  };
}
