import type { Connection } from "./connect.ts";
import type { Reply } from "./reply.ts";
import type { LuaScript } from "./script-loader.ts";
import type { Sender } from "./sender.ts";

/**
 * Runs a script on the store. Each is given the key `state`, some of them more. Rejects what `Connection.explain` makes of
 * a failure.
 */
export type ScriptRunner = (
  script: LuaScript,
  args: readonly (string | Buffer)[],
  moreKeys?: readonly string[],
) => Promise<Reply>;

const noKeys: readonly string[] = [];

export function createScriptRunner(connection: Connection, sender: Sender, state: string): ScriptRunner {
  return async (script, args, moreKeys = noKeys) => {
    const rest = [String(1 + moreKeys.length), state, ...moreKeys, ...args];
    try {
      return await sender.send("evalsha", [script.sha1, ...rest]);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw connection.explain(error);
    }
    try {
      return await sender.send("eval", [script.source, ...rest]);
    } catch (error) {
      throw connection.explain(error);
    }
  };
}
