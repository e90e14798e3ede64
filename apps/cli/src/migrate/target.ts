import type { Client, PushTimes } from "@pushfleet/client";
import type { CopiedGroup } from "./copied-group.ts";

/** What is to become of a group: copied; left because the target has it already, or has something newer. */
export type Decision = "copy" | "there" | "newer";

interface TargetTimes {
  readonly pushedMs: number;
  readonly failedMs: number;
}

/** The first list is of everything, the others of what came since. */
const pageSizes = { first: 1_000, later: 100 };
/** The clock of a store whose primary has changed may go back a little. */
const overlapMs = 500;

/** Knows when the groups of the target were pushed to. */
export class Target {
  readonly #client: Client;
  readonly #times = new Map<string, TargetTimes>();
  /** The store's clock. */
  #listedAtMs = Number.NEGATIVE_INFINITY;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Learns what was pushed since it was last called; the first time, all. @throws ClientError not-found from a Pushgateway */
  async refresh(signal: AbortSignal): Promise<void> {
    const since = this.#listedAtMs - overlapMs;
    const limit = this.#times.size === 0 ? pageSizes.first : pageSizes.later;
    let isFirst = true;
    const pages = this.#client.groups({ sort: "last_push", limit }, { signal });
    for await (const { groups, now } of pages) {
      if (isFirst) this.#listedAtMs = Date.parse(now);
      isFirst = false;
      for (const { id, last_push, last_failure } of groups)
        this.#times.set(id, { pushedMs: millisecondsOf(last_push), failedMs: millisecondsOf(last_failure) });
      // The latest come first.
      if (millisecondsOf(groups.at(-1)?.last_push ?? null) < since) return;
    }
  }

  /** Notes what was copied, so that it need not be listed. */
  copied({ id, times }: CopiedGroup): void {
    this.#times.set(id, timesOf(times));
  }

  decide({ id, times }: CopiedGroup): Decision {
    const there = this.#times.get(id);
    if (there === undefined) return "copy";
    const { pushedMs, failedMs } = timesOf(times);
    if (there.pushedMs > pushedMs) return "newer";
    return there.pushedMs === pushedMs && there.failedMs >= failedMs ? "there" : "copy";
  }
}

/** As the target lists them: it keeps microseconds and cuts them to milliseconds. */
function timesOf({ pushedSeconds, failedSeconds }: PushTimes): TargetTimes {
  const milliseconds = (seconds: number) => Math.floor(Math.round(seconds * 1e6) / 1e3);
  return { pushedMs: milliseconds(pushedSeconds), failedMs: milliseconds(failedSeconds) };
}

/** Never is 0, as in the metrics. */
function millisecondsOf(time: string | null): number {
  return time === null ? 0 : Date.parse(time);
}
