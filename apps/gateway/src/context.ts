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
  type LineSink,
  type Logger,
} from "@pushfleet/runtime";
import { createEmbeddedStore, createRedisStore, type GroupStore } from "@pushfleet/store";
import { type Freshest, freshest, GroupIndex, View, ViewWarmer } from "@pushfleet/view";
import { EventStream } from "./event-stream.ts";
import { storeUp, viewAge } from "./freshness.ts";
import { createLiveConfig, type LiveConfig } from "./live-config.ts";

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
  const store = await openStore(config);
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
    sharedStore: redisSettings(config) !== undefined,
    settings: settingTexts(gatewayOptions, config),
    startedAt: new Date(),
    ...stopSwitch(log),
  };
}

async function openStore(config: GatewayConfig): Promise<GroupStore> {
  const redis = redisSettings(config);
  const file = config["persistence.file"];
  try {
    if (redis !== undefined) return await createRedisStore({ ...redis, holdMs: config["push.timeout"] });
    return await createEmbeddedStore(file === "" ? {} : { file });
  } catch (error) {
    const option =
      redis === undefined ? "--persistence.file" : "url" in redis ? "--redis.url" : "--redis.sentinels";
    throw new StartError(`${option}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function resolvePaths(config: GatewayConfig): Paths {
  const prefix = config["web.route-prefix"] ?? pathOf(config["web.external-url"]);
  return { prefix, telemetry: `${prefix}/${config["web.telemetry-path"].replace(/^\/+/, "")}` };
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
