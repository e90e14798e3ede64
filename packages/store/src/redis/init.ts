import { defaultTombstoneRetentionMs } from "../replication/replication.ts";
import type { RegionId } from "../replication/version.ts";
import type { Connection } from "./connect.ts";
import { list, text } from "./reply.ts";
import { loadScript } from "./script-loader.ts";
import type { ScriptRunner } from "./script-runner.ts";

/** The layout of keys and fields described in keys.ts and pushed-families.ts. */
const schemaVersion = "3";

/**
 * Makes sure that the store can be written, that it is of a schema this code knows, and that it belongs to the caller's region,
 * claiming it if it belongs to none; rejects with the reason otherwise. null is for callers of no region, "any" for
 * those to whom it does not matter.
 */
export function createInit(
  connection: Connection,
  run: ScriptRunner,
  region: RegionId | null | "any",
  retentionMs: number = defaultTombstoneRetentionMs,
): () => Promise<void> {
  const script = loadScript("init");
  const wanted = region === null || region === "any" ? "" : region;
  return async () => {
    const [schema, owner] = list(await run(script, [schemaVersion, wanted, String(retentionMs)])).map(text);
    if (schema !== schemaVersion) {
      throw new Error(
        `Redis at ${connection.address} holds pushed metrics in schema ${schema}, ` +
          `but this gateway knows schema ${schemaVersion} only: run the version that wrote them, or use another --redis.url`,
      );
    }
    if (region !== "any" && owner !== wanted) {
      throw new Error(
        `Redis at ${connection.address} belongs to the region ${owner}, but --federation.region is ` +
          `${wanted === "" ? "not set" : wanted}: set it to ${owner}, or use another --redis.url`,
      );
    }
  };
}
