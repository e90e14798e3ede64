import { federatorOptions, helpText, readOptions } from "@pushfleet/config";
import { runWorker } from "@pushfleet/worker";
import { createContext } from "./context.ts";

const name = "pushfleet-federator";
const summary =
  "The Pushfleet federator: ships what is pushed in this region to other regions. Any number may run; for each peer one of them is active.";

process.exitCode = await runWorker(
  {
    name,
    manifest: new URL("../package.json", import.meta.url),
    read: (args, env) => readOptions(federatorOptions, args, env),
    help: () => helpText(name, summary, federatorOptions),
    createContext,
  },
  process.argv.slice(2),
);
