import {
  ConfigFileError,
  type GatewayConfig,
  gatewayOptions,
  redisSettings,
  settingTexts,
} from "@pushfleet/config";
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
} from "@pushfleet/store";
import { type Freshest, freshest, GroupIndex, View, ViewWarmer } from "@pushfleet/view";
import { EventStream } from "./event-stream.ts";
import { storeUp, viewAge } from "./freshness.ts";
import { createLiveConfig, type LiveConfig } from "./live-config.ts";
import { RequestCounts } from "./request-counts.ts";

/** All that one replica is made of, built once at the start and handed down. */
export interface Context {
  readonly config: GatewayConfig;
  readonly liveConfig: LiveConfig;
  readonly paths: Paths;
  readonly build: Build;
  readonly log: Logger;
  readonly telemetry: HttpTelemetry;
  readonly store: GroupStore;
  readonly view: View;
  /** What to serve now: fresh, or for a while the last known state. Rejects StoreUnavailable when there is neither. */
  readonly serve: () => Promise<Freshest>;
  readonly warmer: ViewWarmer;
  /** What the query API looks groups up by. */
  readonly groupIndex: GroupIndex;
  readonly events: EventStream;
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
interface Paths {
  /** "" or `/prefix`. */
  readonly prefix: string;
  readonly telemetry: string;
  /** What pages put before their links: it differs from the prefix where a proxy takes some of the path off. */
  readonly links: string;
}

/** How long a scrape waits for a store that keeps silent: well below Prometheus' usual timeout of 10 s. */
const servePatienceMs = 2_000;

/** The gateway cannot start; the message is one line that names the option to change. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** Builds everything from checked settings. Rejects StartError when the config file or the store cannot be used. */
export async function createContext(
  config: GatewayConfig,
  { build, sink }: { build: Build; sink: LineSink },
): Promise<Context> {
  if (config["web.config.file"] !== "") {
    throw new StartError(
      "--web.config.file: TLS and basic authentication are not built yet; put a proxy in front",
    );
  }
  const log = createLogger({ level: config["log.level"], format: config["log.format"], sink });
  const telemetry = createHttpTelemetry(build);
  const liveConfig = await createLiveConfig({ config, log, telemetry }).catch((error: unknown) => {
    if (!(error instanceof ConfigFileError)) throw error;
    throw new StartError(`--config.file: ${error.message}`, { cause: error });
  });
  const { store, cluster } = await openStore(config);
  const view = new View(store);
  telemetry.gauge(
    "pushfleet_groups",
    "Groups in this replica's view.",
    () => view.last()?.snapshot.groupCount ?? 0,
  );
  const events = new EventStream({ view, maxClients: config["web.max-event-clients"] });
  telemetry.gauge(
    "pushfleet_event_clients",
    "Clients that follow this replica's changes.",
    () => events.clientCount,
  );
  telemetry.gauge(storeUp.name, storeUp.help, () => (view.isUp ? 1 : 0));
  telemetry.gauge(viewAge.name, viewAge.help, () => (view.last()?.ageMs ?? 0) / 1000);
  const identity = identifyProcess(config["web.listen-address"][0] ?? { host: "", port: 0 });
  const requestCounts = new RequestCounts();
  const stop = stopSwitch(log);
  return {
    config,
    liveConfig,
    paths: resolvePaths(config),
    build,
    log,
    telemetry,
    store,
    view,
    serve: () =>
      freshest(view, { patienceMs: servePatienceMs, maxStalenessMs: config["scrape.max-staleness"] }),
    warmer: new ViewWarmer(view),
    groupIndex: new GroupIndex(),
    events,
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

export type StoreKind = "memory" | "file" | "redis";

export function storeKind(config: GatewayConfig): StoreKind {
  if (redisSettings(config) !== undefined) return "redis";
  return config["persistence.file"] === "" ? "memory" : "file";
}

async function openStore(config: GatewayConfig): Promise<{ store: GroupStore; cluster: Cluster }> {
  const redis = redisSettings(config);
  const file = config["persistence.file"];
  try {
    if (redis !== undefined) {
      const store = await createRedisStore({ ...redis, holdMs: config["push.timeout"] });
      return { store, cluster: store.cluster };
    }
    const store = await createEmbeddedStore(file === "" ? {} : { file });
    return { store, cluster: createLocalCluster() };
  } catch (error) {
    const option =
      redis === undefined ? "--persistence.file" : "url" in redis ? "--redis.url" : "--redis.sentinels";
    throw new StartError(`${option}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function resolvePaths(config: GatewayConfig): Paths {
  const external = pathOf(config["web.external-url"]);
  const prefix = config["web.route-prefix"] ?? external;
  return {
    prefix,
    telemetry: `${prefix}/${config["web.telemetry-path"].replace(/^\/+/, "")}`,
    links: config["web.external-url"] === "" ? prefix : external,
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
