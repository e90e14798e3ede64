import { setTimeout as delay } from "node:timers/promises";
import { type Client, ClientError } from "@pushfleet/client";
import type { Context } from "../context.ts";
import { isOutage } from "../outage.ts";
import { paintFor } from "../terminal.ts";
import { type GroupsOptions, jsonLines, type Listing } from "./command.ts";
import { groupTable } from "./group-table.ts";

interface Watching {
  readonly client: Client;
  readonly list: () => Promise<Listing>;
  readonly options: GroupsOptions;
  readonly context: Context;
}

const pauseAfterLossMs = 1_000;
/** Clears the screen and what has scrolled off it. */
const clear = "\x1b[2J\x1b[3J\x1b[H";

/** Shows the groups, and again whenever something changes, until it is interrupted or nobody reads it any more. */
export async function watchGroups({ client, list, options, context }: Watching): Promise<number> {
  const interrupted = new AbortController();
  using _ = context.onSignals(["SIGINT", "SIGTERM"], () => interrupted.abort());
  const { signal } = interrupted;
  const { stdout } = context;
  const isOver = () => signal.aborted || !stdout.writable;
  const show = async () => {
    const { groups, page } = await list();
    if (options.json) stdout.write(jsonLines(groups));
    else {
      const shown = groupTable(groups, page, paintFor(stdout, options));
      stdout.write(stdout.isTTY === true ? `${clear}${shown}` : `${shown}\n`);
    }
  };
  while (!isOver()) {
    try {
      // The first event tells where things stand, so nothing is missed between it and the list.
      for await (const event of client.events({ signal })) {
        if (isOver()) break;
        if (event.event === "change") await show();
        else context.warn(event.data.up ? "the store is back" : "the store is away");
      }
    } catch (error) {
      if (error instanceof ClientError && error.code === "aborted") break;
      if (!isOutage(error)) throw error;
      context.warn(`${error.message}; trying again`);
      await delay(pauseAfterLossMs, undefined, { signal }).catch(() => {});
    }
  }
  return 0;
}
