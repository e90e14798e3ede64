import type { Connection } from "./connect.ts";
import type { Reply } from "./replies.ts";
import type { LuaScript } from "./script-loader.ts";
import type { Sender } from "./sender.ts";

/** Runs a script on the store; `state` is the one key that every script is given. Rejects what `Connection.explain` makes of a failure. */
export type ScriptRunner = (script: LuaScript, args: readonly (string | Buffer)[]) => Promise<Reply>;

export function createScriptRunner(connection: Connection, sender: Sender, state: string): ScriptRunner {
  return async (script, args) => {
    const rest = ["1", state, ...args];
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
