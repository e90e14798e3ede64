/** The store as federators have it: what regions exchange, and nothing that pushes. */
import type { Cluster } from "../cluster/cluster.ts";
import type { Ledger } from "../replication/ledger.ts";
import type { Replication } from "../replication/replication.ts";
import type { RegionId } from "../replication/version.ts";
import { createRedisCluster } from "./cluster.ts";
import { type ConnectionOptions, connect, failAtStart, requireUsableServer } from "./connect.ts";
import { createInit } from "./init.ts";
import { storeKeys } from "./keys.ts";
import { createRedisLedger } from "./ledger.ts";
import { createRedisReplication } from "./replication.ts";
import { createScriptRunner } from "./script-runner.ts";
import { directSender } from "./sender.ts";
import type { RegionOptions, TombstoneOptions } from "./tombstones.ts";

export type FederationStoreOptions = ConnectionOptions &
  TombstoneOptions &
  RegionOptions & {
    readonly region: RegionId;
    /** As for the store. */
    readonly keyPrefix?: string;
  };

export interface FederationStore {
  readonly replication: Replication;
  readonly ledger: Ledger;
  readonly cluster: Cluster;
  /** Resolves when Redis can be written now; rejects StoreUnavailable with the reason otherwise. */
  ready(): Promise<void>;
  /** At once; what is under way rejects. */
  close(): void;
}

/** Rejects as `createRedisStore` does. */
export async function createFederationStore(options: FederationStoreOptions): Promise<FederationStore> {
  const { region } = options;
  const connection = await connect(options);
  const keys = storeKeys(options.keyPrefix);
  const run = createScriptRunner(connection, directSender(connection), keys.state);
  const ready = createInit(connection, run, region, options.tombstoneRetentionMs);
  try {
    await requireUsableServer(connection);
    await ready().catch(failAtStart);
  } catch (error) {
    connection.close();
    throw error;
  }

  return {
    replication: createRedisReplication({
      region,
      run,
      maxAheadMs: options.maxAheadMs,
      tombstones: options.tombstones,
      mutate: (mutation) => mutation(),
    }),
    ledger: createRedisLedger(run),
    cluster: createRedisCluster(connection, keys.state),
    ready,
    close() {
      connection.close();
    },
  };
}
