export { PersistenceError, type PersistenceErrorCode } from "./embedded/persistence-error.ts";
export { createEmbeddedStore, type EmbeddedStoreOptions } from "./embedded/store.ts";
export { createRedisStore, type RedisStoreOptions } from "./redis/store.ts";
export * from "./store.ts";
export { spanOf, type TextSpan, textOf, writeText } from "./text-span.ts";
