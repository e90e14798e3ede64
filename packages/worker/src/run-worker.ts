import { once } from "node:events";
import { readFileSync } from "node:fs";
import { formatListenAddress, type Invocation, type ListenAddress, UsageError } from "@pushfleet/config";
import { type Build, describeBuild, type LineSink, logConsole } from "@pushfleet/runtime";
import { startServer } from "./server.ts";
import { StartError } from "./start-error.ts";
import type { WorkerContext } from "./worker-context.ts";

export interface WorkerProgram<Config> {
  /** As in the log and the usage, e.g. `pushfleet-reaper`. */
  readonly name: string;
  /** Its package.json, which has the version. */
  readonly manifest: URL;
  readonly read: (
    args: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
  ) => Invocation<Config>;
  readonly help: () => string;
  /** Builds everything from checked settings. Rejects StartError and UsageError. */
  readonly createContext: (
    config: Config,
    options: { build: Build; sink: LineSink },
  ) => Promise<WorkerContext>;
}

/** Runs until it is told to stop. Resolves to the exit code: 0 after a clean stop, 1 for a failed start, 2 for wrong usage. */
export async function runWorker<Config extends { readonly "web.listen-address": readonly ListenAddress[] }>(
  { name, manifest, read, help, createContext }: WorkerProgram<Config>,
  args: readonly string[],
): Promise<number> {
  const build = describeBuild(versionIn(manifest), process.env);
  try {
    const invocation = read(args, process.env);
    if (invocation.help) return print(help());
    if (invocation.version)
      return print(`${name} ${build.version} (revision ${build.revision}, ${process.version})\n`);
    const addresses = invocation.config["web.listen-address"];
    const stopSignal = Promise.race(["SIGINT", "SIGTERM"].map((signal) => once(process, signal)));
    let context: WorkerContext | undefined;
    logConsole(() => context?.log);
    context = await createContext(invocation.config, { build, sink: process.stderr });
    const server = await startServer(context, addresses).catch(async (error: unknown) => {
      await context.stop();
      throw error;
    });
    context.log.info({ address: addresses.map(formatListenAddress).join(",") }, "listening");
    const [signal] = await stopSignal;
    context.log.info({ reason: `received ${String(signal)}` }, "stopping");
    await context.stop();
    server.stop();
    context.log.info("stopped");
    return 0;
  } catch (error) {
    if (error instanceof UsageError) return complain(name, error.message, 2);
    if (error instanceof StartError) return complain(name, error.message, 1);
    throw error;
  }
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

function complain(name: string, message: string, exitCode: number): number {
  process.stderr.write(`${name}: ${message}\n`);
  return exitCode;
}

function versionIn(manifest: URL): string {
  const content: unknown = JSON.parse(readFileSync(manifest, "utf8"));
  const { version } = content as { version: string }; // Our own file, which npm requires to have a version.
  return version;
}
