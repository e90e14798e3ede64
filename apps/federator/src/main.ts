import { once } from "node:events";
import { readFileSync } from "node:fs";
import { federatorOptions, formatListenAddress, helpText, readOptions, UsageError } from "@pushfleet/config";
import { describeBuild, logConsole } from "@pushfleet/runtime";
import { type Context, createContext, StartError } from "./context.ts";
import { startServer } from "./server.ts";

const summary =
  "The Pushfleet federator: ships what is pushed in this region to other regions. Any number may run; for each peer one of them is active.";

process.exitCode = await main(process.argv.slice(2));

/** Runs until it is told to stop. Resolves to the exit code: 0 after a clean stop, 1 for a failed start, 2 for wrong usage. */
async function main(args: readonly string[]): Promise<number> {
  const build = describeBuild(packageVersion(), process.env);
  try {
    const { config, help, version } = readOptions(federatorOptions, args, process.env);
    if (help) return print(helpText("pushfleet-federator", summary, federatorOptions));
    if (version)
      return print(`pushfleet-federator ${build.version} (revision ${build.revision}, ${process.version})\n`);
    const stopSignal = Promise.race(["SIGINT", "SIGTERM"].map((signal) => once(process, signal)));
    let context: Context | undefined;
    logConsole(() => context?.log);
    context = await createContext(config, { build, sink: process.stderr });
    const server = await startServer(context).catch(async (error: unknown) => {
      await context.stop();
      throw error;
    });
    context.log.info(
      { address: config["web.listen-address"].map(formatListenAddress).join(",") },
      "listening",
    );
    const [signal] = await stopSignal;
    context.log.info({ reason: `received ${String(signal)}` }, "stopping");
    await context.stop();
    server.stop();
    context.log.info("stopped");
    return 0;
  } catch (error) {
    if (error instanceof UsageError) return complain(error.message, 2);
    if (error instanceof StartError) return complain(error.message, 1);
    throw error;
  }
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

function complain(message: string, exitCode: number): number {
  process.stderr.write(`pushfleet-federator: ${message}\n`);
  return exitCode;
}

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const { version } = manifest as { version: string }; // Our own file, which npm requires to have a version.
  return version;
}
