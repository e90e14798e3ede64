export * from "./cluster/cluster.ts";
export { type Heartbeat, startHeartbeat } from "./cluster/heartbeat.ts";
export { collides, type SuffixRival, suffixRivals } from "./conflicts.ts";
export { PersistenceError, type PersistenceErrorCode } from "./embedded/persistence-error.ts";
export { createEmbeddedStore, type EmbeddedStore, type EmbeddedStoreOptions } from "./embedded/store.ts";
export type { AuditReport } from "./redis/audit.ts";
export { AuditInterrupted } from "./redis/audit.ts";
export { type RedisEndpoint, redisClientOptions } from "./redis/endpoint.ts";
export {
  createFederationStore,
  type FederationStore,
  type FederationStoreOptions,
} from "./redis/federation-store.ts";
export { createRedisStore, type RedisStoreOptions } from "./redis/store.ts";
export { createRedisUpkeep, type Sweep, SweepOvertaken, type Upkeep } from "./redis/upkeep.ts";
export * from "./replication/ledger.ts";
export { join } from "./replication/merge.ts";
export * from "./replication/replication.ts";
export * from "./replication/version.ts";
export { parseShapeKey, rivalGroups, type Shape, shapeKey } from "./shapes.ts";
export * from "./store.ts";
export { spanOf, type TextSpan, textOf, writeText } from "./text-span.ts";
export type { SharedBucket, TokenSource, Tokens } from "./tokens.ts";
