import { readFileSync } from "node:fs";
import {
  ConfigFileError,
  type FileConfig,
  type GatewayConfig,
  InvalidValue,
  loadConfigFileParser,
} from "@pushfleet/config";
import { type Group, type LabelMatcher, loadMatcherParser, MatcherError } from "@pushfleet/groups";
import type { Logger, Telemetry } from "@pushfleet/runtime";
import { type Identities, identitiesOf } from "./access/identities.ts";
import { type TtlPolicy, ttlPolicy } from "./ttl-policy.ts";

/** What `--config.file` says now. Without a file it says nothing, for ever. */
export interface LiveConfig {
  /** Milliseconds that the group lives after a push that does not say it itself; 0 = for ever. */
  ttlMs(group: Group): number;
  /** Null without access rules. */
  identities(): Identities | null;
  /** Reads the file again. One that cannot be used changes nothing; it is logged and told. Never throws. */
  reload(): Reload;
}

type Reload = { readonly kind: "done" } | { readonly kind: "refused"; readonly reason: string };

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
  let identities = identitiesOfFile(first);
  let isLastGood = true;
  let lastGoodAtMs = Date.now();
  telemetry.gauge(
    "pushfleet_config_last_reload_successful",
    "Whether --config.file could be used when it was last read; if not, what it said before goes on.",
    () => (isLastGood ? 1 : 0),
  );
  telemetry.gauge(
    "pushfleet_config_last_reload_success_timestamp_seconds",
    "When --config.file was last read and could be used.",
    () => lastGoodAtMs / 1000,
  );
  return {
    ttlMs: (group) => policy(group),
    identities: () => identities,
    reload() {
      try {
        const content = read();
        policy = policyOf(content);
        identities = identitiesOfFile(content);
        isLastGood = true;
        lastGoodAtMs = Date.now();
        log.info({ file }, "configuration read again");
        return { kind: "done" };
      } catch (error) {
        isLastGood = false;
        log.error({ err: error }, "configuration not changed: the file cannot be used");
        return { kind: "refused", reason: messageOf(error) };
      }
    },
  };
}

type Matchers = readonly LabelMatcher[];

/**
 * How to read the file. Synchronous, so that of several reloads at once the last one counts; files are small, and reloads
 * rare.
 */
async function fileReader(file: string): Promise<() => FileConfig<Matchers>> {
  if (file === "") return () => ({ access: null, ttl: { rules: [] } });
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
