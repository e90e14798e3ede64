import { type GatewayConfig, gatewayOptions, settingTexts } from "@pushfleet/config";
import {
  type Build,
  createLogger,
  createTelemetry,
  type LineSink,
  type Logger,
  type Telemetry,
} from "@pushfleet/runtime";
import { createEmbeddedStore, createRedisStore, type GroupStore } from "@pushfleet/store";
import { View, ViewWarmer } from "@pushfleet/view";

/** All that one replica is made of, built once at the start and handed down. */
export interface Context {
  readonly config: GatewayConfig;
  readonly paths: Paths;
  readonly build: Build;
  readonly log: Logger;
  readonly telemetry: Telemetry;
  readonly store: GroupStore;
  readonly view: View;
  readonly warmer: ViewWarmer;
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

/** The gateway cannot start; the message is one line that names the option to change. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** Builds everything from checked settings. Rejects StartError when the store cannot be opened. */
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
  const telemetry = createTelemetry(build);
  const store = await openStore(config);
  const view = new View(store);
  telemetry.gauge(
    "pushfleet_groups",
    "Groups in this replica's view.",
    () => view.last()?.snapshot.groupCount ?? 0,
  );
  return {
    config,
    paths: resolvePaths(config),
    build,
    log,
    telemetry,
    store,
    view,
    warmer: new ViewWarmer(view),
    sharedStore: config["redis.url"] !== "",
    settings: settingTexts(gatewayOptions, config),
    startedAt: new Date(),
    ...stopSwitch(log),
  };
}

async function openStore(config: GatewayConfig): Promise<GroupStore> {
  const url = config["redis.url"];
  const file = config["persistence.file"];
  const option = url === "" ? "--persistence.file" : "--redis.url";
  try {
    if (url !== "") return await createRedisStore({ url });
    return await createEmbeddedStore(file === "" ? {} : { file });
  } catch (error) {
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
