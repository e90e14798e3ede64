import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "@pushfleet/runtime";

export interface RedisHealth {
  isUp(): boolean;
  /** Asks Redis now; resolves to whether it can be written. Never rejects. */
  check(): Promise<boolean>;
  stop(): void;
}

const checkEveryMs = 1_000;
/** After a failover the connection moves once more when the last Sentinel announces it; that takes a moment, and is no outage. */
const momentMs = 500;

export interface RedisHealthOptions {
  /** Rejects when Redis does not answer or cannot be written. */
  readonly store: { ready(): Promise<void> };
  readonly log: Logger;
  /** Called when an outage has ended. */
  readonly onBack?: () => void;
  /** Called again and again while an outage lasts. */
  readonly duringOutage?: () => void;
}

/** Looks after Redis from now on, and says in the log when an outage begins and when it ends: once each. */
export function watchRedis({ store, log, onBack, duringOutage }: RedisHealthOptions): RedisHealth {
  let isUp = true;
  let since = performance.now();
  let running: Promise<boolean> | undefined;

  const change = (isUpNow: boolean, tell: (afterSeconds: number) => void): void => {
    if (isUp === isUpNow) return;
    isUp = isUpNow;
    const now = performance.now();
    tell((now - since) / 1000);
    since = now;
  };

  const readyInAMoment = async (): Promise<void> => {
    const begin = performance.now();
    try {
      await store.ready();
    } catch (error) {
      if (performance.now() - begin > momentMs) throw error;
      await delay(momentMs);
      await store.ready();
    }
  };

  const ask = async (): Promise<boolean> => {
    try {
      await (isUp ? readyInAMoment() : store.ready());
      change(true, (seconds) => {
        log.info({ outageSeconds: Number(seconds.toFixed(1)) }, "Redis is back");
        onBack?.();
      });
    } catch (error) {
      change(false, () => log.error({ err: error }, "Redis is unavailable"));
      duringOutage?.();
    }
    return isUp;
  };

  const check = (): Promise<boolean> => {
    running ??= ask().finally(() => {
      running = undefined;
    });
    return running;
  };

  const timer = setInterval(() => void check(), checkEveryMs);
  return { isUp: () => isUp, check, stop: () => clearInterval(timer) };
}
