import type { Logger, Telemetry } from "@pushfleet/runtime";

/** What came of reading a file again; `reason` is one line. */
export type Reload = { readonly kind: "done" } | { readonly kind: "refused"; readonly reason: string };

export interface ReloadableOptions {
  readonly file: string;
  /** The flag that names the file. */
  readonly flag: string;
  /** What the names of its metrics begin with. */
  readonly metric: string;
  /** Reads the file and has its content count from now on. Throws, having changed nothing, when it cannot be used. */
  readonly apply: () => void;
  readonly log: Logger;
  readonly telemetry: Telemetry;
}

/**
 * How to read a file again, which was good when it was first read. One that cannot be used changes nothing; it is logged
 * and told by metrics. Never throws. Synchronous, so that of several reloads at once the last one counts; files are small,
 * and reloads rare.
 */
export function reloadable({ file, flag, metric, apply, log, telemetry }: ReloadableOptions): () => Reload {
  let isLastGood = true;
  let lastGoodAtMs = Date.now();
  telemetry.gauge(
    `${metric}_successful`,
    `Whether ${flag} could be used when it was last read; if not, what it said before goes on.`,
    () => (isLastGood ? 1 : 0),
  );
  telemetry.gauge(
    `${metric}_success_timestamp_seconds`,
    `When ${flag} was last read and could be used.`,
    () => lastGoodAtMs / 1000,
  );
  return () => {
    try {
      apply();
      isLastGood = true;
      lastGoodAtMs = Date.now();
      log.info({ file }, "configuration read again");
      return { kind: "done" };
    } catch (error) {
      isLastGood = false;
      log.error({ err: error }, "configuration not changed: the file cannot be used");
      return { kind: "refused", reason: error instanceof Error ? error.message : String(error) };
    }
  };
}
