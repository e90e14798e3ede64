import {
  type GatewayConfig,
  loadWebConfigReader,
  type WebConfig,
  type WebRateLimit,
  type WebTls,
} from "@pushfleet/config";
import type { Logger, Telemetry } from "@pushfleet/runtime";
import { type Reload, reloadable } from "../reloadable.ts";
import { PasswordCheck, type PasswordVerifier } from "./password-check.ts";
import { RateLimit } from "./rate-limit.ts";
import { WatchedFiles } from "./watched-files.ts";

/** What `--web.config.file` says now. Without a file it says nothing, for ever. */
export interface LiveWebConfig {
  /** False without a file. */
  readonly isConfigured: boolean;
  current(): CurrentWebConfig;
  readonly passwords: PasswordVerifier;
  /** Reads the file and those it names again. What cannot be used changes nothing; it is logged and told. Never throws. */
  reload(): Reload;
}

/** The same object until something changes. */
interface CurrentWebConfig {
  /** Absent: plain HTTP. */
  readonly tls?: WebTls;
  readonly headers: ReadonlyMap<string, string>;
  /** False when nobody is asked for a password. */
  readonly hasUsers: boolean;
  /** Absent: no limit. */
  readonly rateLimit?: RateLimit;
}

interface Surroundings {
  readonly config: GatewayConfig;
  readonly log: Logger;
  readonly telemetry: Telemetry;
}

/** Between two looks at the files. */
const lookEveryMs = 1_000;

/** Rejects ConfigFileError when the file, or one it names, cannot be used. */
export async function createLiveWebConfig({ config, log, telemetry }: Surroundings): Promise<LiveWebConfig> {
  const file = config["web.config.file"];
  if (file === "") return nothingConfigured;
  const readWebConfig = await loadWebConfigReader();
  const files = new WatchedFiles();
  const read = () => files.readBy((readFile) => readWebConfig(file, readFile));

  const first = read();
  const passwords = new PasswordCheck(first.users);
  let current = madeOf(first);
  const reload = reloadable({
    file,
    flag: "--web.config.file",
    metric: "pushfleet_web_config_last_reload",
    log,
    telemetry,
    apply() {
      const now = read();
      passwords.setUsers(now.users);
      current = madeOf(now, current);
    },
  });
  files.watch(reload, { everyMs: lookEveryMs });
  return { isConfigured: true, current: () => current, passwords, reload };
}

function madeOf({ tls, headers, users, rateLimit }: WebConfig, before?: CurrentWebConfig): CurrentWebConfig {
  return {
    ...(tls === undefined ? {} : { tls }),
    headers,
    hasUsers: users.size > 0,
    ...(rateLimit === undefined ? {} : { rateLimit: limitOf(rateLimit, before?.rateLimit) }),
  };
}

/** What has been taken stays taken while the limit is the same. */
function limitOf(settings: WebRateLimit, before: RateLimit | undefined): RateLimit {
  const { intervalMs, burst } = before?.settings ?? {};
  return before !== undefined && intervalMs === settings.intervalMs && burst === settings.burst
    ? before
    : new RateLimit(settings);
}

const nothing: CurrentWebConfig = { headers: new Map(), hasUsers: false };

const nothingConfigured: LiveWebConfig = {
  isConfigured: false,
  current: () => nothing,
  passwords: { userOf: () => null },
  reload: () => ({ kind: "done" }),
};
