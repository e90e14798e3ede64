export { PersistenceError, type PersistenceErrorCode } from "./embedded/persistence-error.ts";
export { createEmbeddedStore, type EmbeddedStoreOptions } from "./embedded/store.ts";
export type { AuditReport } from "./redis/audit.ts";
export { AuditInterrupted } from "./redis/audit.ts";
export { type RedisEndpoint, redisClientOptions } from "./redis/endpoint.ts";
export { createRedisStore, type RedisStoreOptions } from "./redis/store.ts";
export { createRedisUpkeep, type Sweep, SweepOvertaken, type Upkeep } from "./redis/upkeep.ts";
export * from "./store.ts";
export { spanOf, type TextSpan, textOf, writeText } from "./text-span.ts";
