import { ClientError, createClient } from "@pushfleet/client";
import type { Client, Command } from "../client.ts";
import { exposition } from "../expositions.ts";

/** This project's own, which the `pushfleet` command uses. */
export const pushfleet: Client = {
  id: "pushfleet",
  name: "Node @pushfleet/client",
  cannot: { gzip: "it does not compress" },
  prepare: async () => ({
    kind: "ready",
    start: () => ({ send: carryOut, [Symbol.asyncDispose]: async () => {} }),
  }),
};

async function carryOut({ operation, metrics, url, login, labels }: Command): Promise<string | undefined> {
  const [user = "", password = ""] = login?.split(":") ?? [];
  const credentials = login === undefined ? undefined : ({ kind: "basic", user, password } as const);
  using client = createClient({ urls: [url], credentials });
  try {
    if (operation === "delete") await client.deleteGroup(labels);
    else await client.push(labels, exposition(metrics), { mode: operation === "push" ? "replace" : "merge" });
    return undefined;
  } catch (error) {
    if (error instanceof ClientError) return error.message;
    throw error;
  }
}
