import {
  ConfigFileError,
  type GatewayConfig,
  gatewayOptions,
  type Role,
  redisSettings,
  settingTexts,
} from "@pushfleet/config";
import type { LimitName } from "@pushfleet/exposition";
import {
  type Build,
  createHttpTelemetry,
  createLogger,
  type HttpTelemetry,
  identifyProcess,
  type LineSink,
  type Logger,
  type ProcessIdentity,
} from "@pushfleet/runtime";
import {
  type Cluster,
  createEmbeddedStore,
  createLocalCluster,
  createRedisStore,
  type GatewayReport,
  type GroupStore,
  type RegionId,
  type Replication,
  regionId,
  type TokenSource,
} from "@pushfleet/store";
import { ViewWarmer } from "@pushfleet/view";
import type { Request } from "express";
import { type Access, createAccess, scopeOf } from "./access/access.ts";
import { authenticateBasic } from "./access/basic-auth.ts";
import { everybody, usersOnly } from "./access/identities.ts";
import { needsOf } from "./access/needs.ts";
import { type AuditLog, createAuditLog } from "./audit-log.ts";
import { countedConnections } from "./connection-telemetry.ts";
import type { Connections } from "./connections.ts";
import { Seats } from "./event-stream.ts";
import { storeUp, viewAge } from "./freshness.ts";
import { countLimits } from "./limit-telemetry.ts";
import { createLiveConfig, type LiveConfig } from "./live-config.ts";
import { Bodies } from "./push-reading/bodies.ts";
import { createRateLimiter } from "./rate/rate-limiter.ts";
import { createThrottle, type Throttle } from "./rate/throttle.ts";
import { createReadings, type Reading, type Readings } from "./reading.ts";
import { RequestCounts } from "./request-counts.ts";
import { createLiveWebConfig, type LiveWebConfig } from "./web-config/live-web-config.ts";

/** All that one replica is made of, built once at the start and handed down. */
export interface Context {
  readonly config: GatewayConfig;
  readonly liveConfig: LiveConfig;
  readonly webConfig: LiveWebConfig;
  readonly paths: Paths;
  readonly build: Build;
  readonly log: Logger;
  readonly telemetry: HttpTelemetry;
  readonly store: GroupStore;
  /** What other regions do with the store; null where the cluster belongs to no region. */
  readonly replication: Replication | null;
  readonly throttle: Throttle;
  /** By the limit that a request went beyond. */
  readonly limitsExceeded: { inc(limit: LimitName): void };
  readonly access: Access;
  readonly audit: AuditLog;
  /** Of pushes, while they arrive and are read. */
  readonly bodies: Bodies;
  readonly connections: Connections;
  readonly readings: Readings;
  /** For followers of events. */
  readonly seats: Seats;
  /** Of the groups that whoever sent the request may do this with. Throws AccessDenied when there can be none. */
  readingFor(request: Request, role: Role): Reading;
  /** Of what scrapes show. */
  readonly warmer: ViewWarmer;
  /** The processes that share the store; this one is in it by `report`. */
  readonly cluster: Cluster;
  readonly identity: ProcessIdentity;
  readonly requestCounts: RequestCounts;
  report(): GatewayReport;
  /** True when other replicas share the store, so that `/metrics` must hold nothing of this process. */
  readonly sharedStore: boolean;
  readonly settings: ReadonlyMap<string, string>;
  readonly startedAt: Date;
  /** Begins the stop; later calls change nothing. */
  requestStop(reason: string): void;
  /** Resolves when a stop was requested. */
  readonly stopRequested: Promise<void>;
  isStopping(): boolean;
}

/** Where things are served. */
export interface Paths {
  /** "" or `/prefix`. */
  readonly prefix: string;
  readonly telemetry: string;
  /** What pages put before their links: it differs from the prefix where a proxy takes some of the path off. */
  readonly links: string;
  /** `/metrics/job/…` and `/metrics/job@base64/…`, with any number of slashes, so that no push is ever redirected. */
  readonly groups: RegExp;
}

/** The gateway cannot start; the message is one line that names the option to change. */
export class StartError extends Error {
  override readonly name = "StartError";

  static because(option: string, cause: unknown): StartError {
    return new StartError(`${option}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Builds everything from checked settings. Rejects StartError when the config file or the store cannot be used. */
export async function createContext(
  config: GatewayConfig,
  { build, sink }: { build: Build; sink: LineSink },
): Promise<Context> {
  const log = createLogger({ level: config["log.level"], format: config["log.format"], sink });
  const telemetry = createHttpTelemetry(build);
  const liveConfig = await usable("config.file", createLiveConfig({ config, log, telemetry }));
  const webConfig = await usable("web.config.file", createLiveWebConfig({ config, log, telemetry }));
  const paths = resolvePaths(config);
  const access = createAccess({
    needs: needsOf({ ...paths, healthIsClosed: config["web.auth-health"] }),
    identities: () => liveConfig.identities() ?? (webConfig.current().hasUsers ? usersOnly : everybody),
    authenticate: (authorization) => authenticateBasic(authorization, webConfig.passwords),
  });
  const audit = await createAuditLog({ config, paths, access, log }).catch((error: unknown) => {
    throw StartError.because("--audit.log", error);
  });
  const region = regionOf(config);
  requireRegion(config, region);
  const { store, replication, cluster, tokens } = await openStore(config, region);
  const limitsExceeded = countLimits(telemetry, config);
  const bodies = new Bodies(config["web.max-body-memory"]);
  const connections = countedConnections(config["web.max-connections"], { telemetry, log });
  const seats = new Seats(config["web.max-event-clients"]);
  const readings = createReadings({
    feed: store,
    maxStalenessMs: config["scrape.max-staleness"],
    seats,
    region,
    scrapedRegion: config["scrape.regions"] === "local" ? region : undefined,
    originLabel: config["scrape.origin-label"],
  });
  telemetry.gauge("pushfleet_groups", "Groups in this replica's view.", () => readings.all.view.groupCount);
  telemetry.gauge(
    "pushfleet_event_clients",
    "Clients that follow this replica's changes.",
    () => seats.taken,
  );
  if (region !== undefined)
    telemetry.gauge(
      "pushfleet_hidden_families",
      "Families in this replica's view that scrapes do not show, or not in full, because they collide with older ones of another group.",
      () => readings.all.view.hidden.count,
    );
  telemetry.gauge(storeUp.name, storeUp.help, () => (readings.all.view.isUp ? 1 : 0));
  telemetry.gauge(viewAge.name, viewAge.help, () => (readings.all.view.ageMs ?? 0) / 1000);
  const identity = identifyProcess(config["web.listen-address"]);
  const requestCounts = new RequestCounts();
  const stop = stopSwitch(log);
  return {
    config,
    liveConfig,
    webConfig,
    paths,
    build,
    log,
    telemetry,
    store,
    replication,
    throttle: createThrottle(createRateLimiter({ source: tokens })),
    limitsExceeded,
    access,
    audit,
    bodies,
    connections,
    readings,
    seats,
    readingFor: (request, role) => readings.of(scopeOf(access.identityOf(request), role)),
    warmer: new ViewWarmer(readings.scraped.view),
    cluster,
    identity,
    requestCounts,
    report: () => ({
      kind: "gateway",
      ...identity,
      version: build.version,
      uptimeMs: Math.round(process.uptime() * 1000),
      isStopping: stop.isStopping(),
      rates: requestCounts.report(),
    }),
    sharedStore: storeKind(config) === "redis",
    settings: settingTexts(gatewayOptions, config),
    startedAt: new Date(),
    ...stop,
  };
}

/** What the file of an option says; rejects StartError when it cannot be used. */
async function usable<T>(option: keyof GatewayConfig, loading: Promise<T>): Promise<T> {
  try {
    return await loading;
  } catch (error) {
    if (!(error instanceof ConfigFileError)) throw error;
    throw StartError.because(`--${option}`, error);
  }
}

/** Undefined for a cluster that belongs to no region. */
function regionOf(config: GatewayConfig): RegionId | undefined {
  const name = config["federation.region"];
  const region = regionId(name);
  if (region === undefined && name !== "")
    throw new StartError(`--federation.region: "${name}" is no region`);
  return region;
}

/** What is about regions means nothing without one, and whoever says it means something. */
function requireRegion(config: GatewayConfig, region: RegionId | undefined): void {
  if (region !== undefined) return;
  if (config["scrape.regions"] === "local")
    throw new StartError("--scrape.regions=local needs --federation.region");
  if (config["scrape.origin-label"] !== "")
    throw new StartError("--scrape.origin-label needs --federation.region");
}

export type StoreKind = "memory" | "file" | "redis";

export function storeKind(config: GatewayConfig): StoreKind {
  if (redisSettings(config) !== undefined) return "redis";
  return config["persistence.file"] === "" ? "memory" : "file";
}

interface OpenStore {
  readonly store: GroupStore;
  readonly replication: Replication | null;
  readonly cluster: Cluster;
  /** Undefined without other replicas. */
  readonly tokens: TokenSource | undefined;
}

async function openStore(config: GatewayConfig, region: RegionId | undefined): Promise<OpenStore> {
  const redis = redisSettings(config);
  const file = config["persistence.file"];
  const regional =
    region === undefined ? {} : { region, tombstoneRetentionMs: config["federation.tombstone-retention"] };
  try {
    if (redis !== undefined) {
      const store = await createRedisStore({ ...redis, ...regional, holdMs: config["push.timeout"] });
      const { replication, cluster, tokens } = store;
      return { store, replication, cluster, tokens };
    }
    const store = await createEmbeddedStore({ ...regional, ...(file === "" ? {} : { file }) });
    const { replication } = store;
    return { store, replication, cluster: createLocalCluster(), tokens: undefined };
  } catch (error) {
    const option =
      redis === undefined ? "--persistence.file" : "url" in redis ? "--redis.url" : "--redis.sentinels";
    throw StartError.because(option, error);
  }
}

function resolvePaths(config: GatewayConfig): Paths {
  const external = pathOf(config["web.external-url"]);
  const prefix = config["web.route-prefix"] ?? external;
  return {
    prefix,
    telemetry: `${prefix}/${config["web.telemetry-path"].replace(/^\/+/, "")}`,
    links: config["web.external-url"] === "" ? prefix : external,
    groups: new RegExp(`^${RegExp.escape(prefix)}/+metrics/+job(?:@base64)?/`),
  };
}

function pathOf(externalUrl: string): string {
  const path = externalUrl.startsWith("/") ? externalUrl : URL.parse(externalUrl)?.pathname;
  return (path ?? "").replace(/\/+$/, "");
}

function stopSwitch(log: Logger): Pick<Context, "requestStop" | "stopRequested" | "isStopping"> {
  const stop = new AbortController();
  return {
    requestStop(reason) {
      if (stop.signal.aborted) return;
      log.info({ reason }, "stopping");
      stop.abort();
    },
    stopRequested: new Promise((resolve) => {
      stop.signal.addEventListener("abort", () => resolve(), { once: true });
    }),
    isStopping: () => stop.signal.aborted,
  };
}
