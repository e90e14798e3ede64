import { readFileSync } from "node:fs";
import {
  ConfigFileError,
  type FileConfig,
  type GatewayConfig,
  InvalidValue,
  loadConfigFileParser,
} from "@pushfleet/config";
import type { Limits } from "@pushfleet/exposition";
import { type Group, type LabelMatcher, loadMatcherParser, MatcherError } from "@pushfleet/groups";
import type { Logger, Telemetry } from "@pushfleet/runtime";
import { type Identities, identitiesOf } from "./access/identities.ts";
import { limitPolicy } from "./limit-policy.ts";
import { type Reload, reloadable } from "./reloadable.ts";
import { type TtlPolicy, ttlPolicy } from "./ttl-policy.ts";

/** What `--config.file` says now. Without a file it says nothing, for ever. */
export interface LiveConfig {
  /** Milliseconds that the group lives after a push that does not say it itself; 0 = for ever. */
  ttlMs(group: Group): number;
  /** Of a request to the group, or to any if that is null, by whoever has this name; "" is nobody's. */
  limits(group: Group | null, identity: string): Limits;
  /** Null without access rules. */
  identities(): Identities | null;
  /** Reads the file again. One that cannot be used changes nothing; it is logged and told. Never throws. */
  reload(): Reload;
}

interface Surroundings {
  readonly config: GatewayConfig;
  readonly log: Logger;
  readonly telemetry: Telemetry;
}

/** Rejects ConfigFileError when the file cannot be used. */
export async function createLiveConfig({ config, log, telemetry }: Surroundings): Promise<LiveConfig> {
  const file = config["config.file"];
  const read = await fileReader(file);
  const policyOf = ({ ttl }: FileConfig<Matchers>) => ttlPolicy(ttl.rules, config["push.ttl"]);

  const identitiesOfFile = ({ access }: FileConfig<Matchers>) =>
    access === null ? null : identitiesOf(access);

  const first = read();
  let policy: TtlPolicy = policyOf(first);
  let limits = limitPolicy(first.limits.rules, config);
  let identities = identitiesOfFile(first);
  return {
    ttlMs: (group) => policy(group),
    limits: (group, identity) => limits(group, identity),
    identities: () => identities,
    reload: reloadable({
      file,
      flag: "--config.file",
      metric: "pushfleet_config_last_reload",
      log,
      telemetry,
      apply() {
        const content = read();
        policy = policyOf(content);
        limits = limitPolicy(content.limits.rules, config);
        identities = identitiesOfFile(content);
      },
    }),
  };
}

type Matchers = readonly LabelMatcher[];

/** How to read the file. */
async function fileReader(file: string): Promise<() => FileConfig<Matchers>> {
  if (file === "")
    return () => ({ access: null, federation: { peers: [] }, limits: { rules: [] }, ttl: { rules: [] } });
  const parseMatchers = await loadMatcherParser();
  const parse = await loadConfigFileParser((text): Matchers => {
    try {
      return parseMatchers(text);
    } catch (error) {
      if (!(error instanceof MatcherError)) throw error;
      throw new InvalidValue(`must be label matchers such as '{job=~"ci-.*"}': ${error.message}`, {
        cause: error,
      });
    }
  });
  return () => parse(readText(file), file);
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new ConfigFileError(`${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
