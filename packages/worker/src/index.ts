export { type RedisHealth, watchRedis } from "./redis-health.ts";
export { runWorker } from "./run-worker.ts";
export { StartError } from "./start-error.ts";
export type { WorkerContext } from "./worker-context.ts";
