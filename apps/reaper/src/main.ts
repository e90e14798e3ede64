import { helpText, readOptions, reaperOptions } from "@pushfleet/config";
import { runWorker } from "@pushfleet/worker";
import { createContext } from "./context.ts";

const name = "pushfleet-reaper";
const summary =
  "The Pushfleet reaper: frees the space of expired groups in Redis and checks what is counted there. Any number may run; they take turns.";

process.exitCode = await runWorker(
  {
    name,
    manifest: new URL("../package.json", import.meta.url),
    read: (args, env) => readOptions(reaperOptions, args, env),
    help: () => helpText(name, summary, reaperOptions),
    createContext,
  },
  process.argv.slice(2),
);
