import { readFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { gatewayOptions, helpText, readOptions, UsageError } from "@pushfleet/config";
import { describeBuild, limitHeapGrowth, logConsole } from "@pushfleet/runtime";
import { type Context, createContext, StartError } from "./context.ts";
import { startServer } from "./server.ts";
import { startSweeper } from "./sweeper.ts";

const summary =
  "The Pushfleet gateway: takes pushes as the Prometheus Pushgateway does, keeps them in Redis or in an embedded store, and serves them to Prometheus.";

process.exitCode = await main(process.argv.slice(2));

/** Runs until it is told to stop. Resolves to the exit code: 0 after a clean stop, 1 for a failed start, 2 for wrong usage. */
async function main(args: readonly string[]): Promise<number> {
  const build = describeBuild(packageVersion(), process.env);
  try {
    const { config, help, version } = readOptions(gatewayOptions, args, process.env);
    if (help) return print(helpText("pushfleet-gateway", summary, gatewayOptions));
    if (version)
      return print(`pushfleet-gateway ${build.version} (revision ${build.revision}, ${process.version})\n`);
    let context: Context | undefined;
    logConsole(() => context?.log);
    context = await createContext(config, { build, sink: process.stderr });
    limitHeapGrowth();
    // Before anybody can see that this process is up, because unheard the signal ends it.
    process.on("SIGHUP", () => {
      context.liveConfig.reload();
      context.webConfig.reload();
      context.audit.reopen();
    });
    const server = await startServer(context);
    // At once and not at the end, which may be a kill: compiling everything anew takes 15 MB more, for good.
    flushCompileCache();
    const sweeper = context.sharedStore ? undefined : startSweeper(context);
    stopOnSignal(context.requestStop);
    await context.stopRequested;
    await sweeper?.stop();
    await server.stop();
    return 0;
  } catch (error) {
    if (error instanceof UsageError) return complain(error.message, 2);
    if (error instanceof StartError) return complain(error.message, 1);
    throw error;
  }
}

function stopOnSignal(stop: (reason: string) => void): void {
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => stop(`received ${signal}`));
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

function complain(message: string, exitCode: number): number {
  process.stderr.write(`pushfleet-gateway: ${message}\n`);
  return exitCode;
}

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const { version } = manifest as { version: string }; // Our own file, which npm requires to have a version.
  return version;
}
