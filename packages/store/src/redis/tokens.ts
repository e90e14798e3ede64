import type { TokenSource } from "../tokens.ts";
import type { Connection } from "./connect.ts";
import { numbersOf } from "./replies.ts";
import { loadScript } from "./script-loader.ts";
import { createScriptRunner } from "./script-runner.ts";
import { directSender } from "./sender.ts";

/** Token buckets in Redis; need no acknowledgements by replicas, because a failover may well fill them up. */
export function createRedisTokens(connection: Connection, state: string): TokenSource {
  const run = createScriptRunner(connection, directSender(connection), state);
  const script = loadScript("take-tokens");
  return {
    async take({ id, perSecond, most }, wanted) {
      const reply = await run(script, [id, String(perSecond), String(most), String(wanted)]);
      const [taken = 0, waitMs = 0] = numbersOf(reply);
      return { taken, waitMs };
    },
  };
}
