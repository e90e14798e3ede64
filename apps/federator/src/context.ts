import { type FederatorConfig, redisSettings } from "@pushfleet/config";
import {
  type Build,
  createLogger,
  createTelemetry,
  identifyProcess,
  type LineSink,
} from "@pushfleet/runtime";
import { createFederationStore, type FederationStore, startHeartbeat } from "@pushfleet/store";
import { StartError, type WorkerContext, watchRedis } from "@pushfleet/worker";
import { keepComparing } from "./comparisons.ts";
import { Convoy } from "./convoy.ts";
import { keepLease } from "./lease-keeper.ts";
import { Member } from "./member.ts";
import { createPeerLink } from "./peer-link.ts";
import { PeerStatus } from "./peer-status.ts";
import { type Regions, readRegions } from "./peers.ts";
import { StoreClock } from "./store-clock.ts";
import { exposePeers, peerCounters } from "./telemetry.ts";

/**
 * Builds all that one federator is made of from checked settings. It ships from then on; `stop` gives its leases back, so that
 * another federator goes on at once. Rejects StartError when Redis cannot be used, and UsageError.
 */
export async function createContext(
  config: FederatorConfig,
  { build, sink }: { build: Build; sink: LineSink },
): Promise<WorkerContext> {
  const regions = await readRegions(config);
  const store = await openStore(config, regions);
  const log = createLogger({ level: config["log.level"], format: config["log.format"], sink });
  const telemetry = createTelemetry(build);
  const health = watchRedis({ store, log });
  telemetry.gauge("pushfleet_federator_up", "Whether Redis answers this federator.", () =>
    health.isUp() ? 1 : 0,
  );

  const identity = identifyProcess(config["web.listen-address"]);
  const stopping = new AbortController();
  const { signal } = stopping;
  const { replication, ledger } = store;
  const clock = new StoreClock();
  const convoy = new Convoy({ replication, clock, log, signal });
  const countersOf = peerCounters(
    telemetry,
    regions.peers.map(({ id }) => id),
  );

  const peers = regions.peers.map((peer) => {
    const { id, url } = peer;
    const status = new PeerStatus({ id, url, log, clock, counters: countersOf(id) });
    const link = createPeerLink({
      peer,
      onAnswer: ({ now_micros }, atMs) => status.clockTold(now_micros, atMs),
    });
    const lease = keepLease({
      peer: id,
      owner: identity.id,
      ledger,
      log,
      signal,
      onTenure(tenure) {
        status.activate(tenure.record.comparedAtMs);
        const member = new Member({ tenure, status, link });
        void convoy.add(member);
        void keepComparing(member, {
          replication,
          clock,
          convoy,
          log,
          intervalMs: config["federation.anti-entropy-interval"],
          tombstoneRetentionMs: config["federation.tombstone-retention"],
        });
        heartbeat.beatNow();
      },
      onLost() {
        status.deactivate();
        if (!signal.aborted) heartbeat.beatNow();
      },
    });
    return { status, link, lease };
  });
  const statuses = peers.map(({ status }) => status);
  exposePeers(telemetry, statuses);
  const running = convoy.run();

  const heartbeat = startHeartbeat(store.cluster, () => ({
    kind: "federator",
    ...identity,
    version: build.version,
    uptimeMs: Math.round(process.uptime() * 1000),
    isStopping: signal.aborted,
    region: regions.region,
    peers: statuses.map((status) => status.report()),
  }));

  return {
    log,
    telemetry,
    health,
    isStopping: () => signal.aborted,
    async stop() {
      stopping.abort();
      health.stop();
      const ended = Promise.all([running, heartbeat.stop(), ...peers.map(({ lease }) => lease)]);
      await Promise.race([ended, after(longestStopMs)]);
      for (const { link } of peers) link.close();
      store.close();
    },
  };
}

/** A Redis that does not answer, or a peer that does not, must not keep us. */
const longestStopMs = 4_000;

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

async function openStore(config: FederatorConfig, { region }: Regions): Promise<FederationStore> {
  const settings = redisSettings(config);
  if (settings === undefined) {
    throw new StartError(
      "--redis.url or --redis.sentinels is needed: a federator ships what gateways keep in Redis",
    );
  }
  const option = "url" in settings ? "--redis.url" : "--redis.sentinels";
  const tombstoneRetentionMs = config["federation.tombstone-retention"];
  return createFederationStore({ ...settings, region, tombstoneRetentionMs }).catch((error: unknown) => {
    throw new StartError(`${option}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  });
}
