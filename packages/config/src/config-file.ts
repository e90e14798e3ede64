import type { AccessRules } from "./access-rules.ts";
import type { PeerRule } from "./federation-document.ts";
import type { LimitRule } from "./limit-rules.ts";
import type { TtlRule } from "./ttl-rules.ts";

/** What `--config.file` says. `M` is what the program makes of label matchers. */
export interface FileConfig<M> {
  /** Null when the file says nothing of it: then whoever gets in may do everything. */
  readonly access: AccessRules<M> | null;
  /** For federators; gateways look no further than that it can be read. */
  readonly federation: {
    /** Each region once. */
    readonly peers: readonly PeerRule[];
  };
  readonly limits: {
    /** The first whose matchers the grouping labels fulfil, and whose identity is the request's, counts. */
    readonly rules: readonly LimitRule<M>[];
  };
  readonly ttl: {
    /** The first whose matchers the grouping labels fulfil counts. */
    readonly rules: readonly TtlRule<M>[];
  };
}

/** The file cannot be used. The message is one line: file, line where it is known, path of the setting, what is wrong. */
export class ConfigFileError extends Error {
  override readonly name = "ConfigFileError";
}

/**
 * Reads the text of a file; `file` is its name for messages. Throws ConfigFileError for the first thing that is wrong,
 * unknown settings included; an empty text is a file without settings.
 */
export type ConfigFileParser<M> = (text: string, file: string) => FileConfig<M>;

/**
 * Loads what it takes to read config files, which a gateway without one can do without.
 *
 * @param parseMatchers Reads label matchers. Throws InvalidValue saying what is wrong with them.
 */
export async function loadConfigFileParser<M>(
  parseMatchers: (text: string) => M,
): Promise<ConfigFileParser<M>> {
  const { createConfigFileParser } = await import("./config-document.ts");
  return createConfigFileParser(parseMatchers);
}
