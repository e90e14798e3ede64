import type { Logger } from "@pushfleet/runtime";
import type { FederationStore } from "@pushfleet/store";

export interface RedisHealth {
  isUp(): boolean;
  /** Asks Redis now; resolves to whether it can be written. Never rejects. */
  check(): Promise<boolean>;
  stop(): void;
}

const checkEveryMs = 1_000;

/** Looks after Redis from now on, and says in the log when an outage begins and when it ends: once each. */
export function watchRedis({ store, log }: { store: FederationStore; log: Logger }): RedisHealth {
  let isUp = true;
  let downSince = 0;
  let running: Promise<boolean> | undefined;

  const ask = async (): Promise<boolean> => {
    try {
      await store.ready();
      if (!isUp) {
        const seconds = (performance.now() - downSince) / 1000;
        log.info({ outageSeconds: Number(seconds.toFixed(1)) }, "Redis is back");
      }
      isUp = true;
    } catch (error) {
      if (isUp) {
        downSince = performance.now();
        log.error({ err: error }, "Redis is unavailable");
      }
      isUp = false;
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
