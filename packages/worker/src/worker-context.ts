import type { Logger, Telemetry } from "@pushfleet/runtime";
import type { RedisHealth } from "./redis-health.ts";

/** What a program that works on Redis by itself shows of its work, and how it is ended. */
export interface WorkerContext {
  readonly log: Logger;
  readonly telemetry: Telemetry;
  readonly health: RedisHealth;
  isStopping(): boolean;
  /** Ends its work and frees everything: within seconds, Redis or not. */
  stop(): Promise<void>;
}
