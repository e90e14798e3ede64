import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What starts the command. */
export const start = fileURLToPath(new URL("../../apps/cli/bin/start.mjs", import.meta.url));

/** How a `pushfleet` process ended. */
interface Ended {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** When, milliseconds since the epoch. */
  readonly endedAtMs: number;
}

interface Running {
  readonly pid: number;
  signal(signal: NodeJS.Signals): void;
  /** What it has written to stdout so far. */
  output(): string;
  /** Ends what it reads our output with. */
  closeStdout(): void;
  readonly ended: Promise<Ended>;
}

interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
}

/** A place of its own for the command: its spool is in there. */
export interface Home extends AsyncDisposable {
  readonly directory: string;
  readonly spool: string;
  start(args: readonly string[], surroundings?: Surroundings): Running;
  run(args: readonly string[], surroundings?: Surroundings): Promise<Ended>;
}

/** `url` is what PUSHFLEET_URL says. */
export async function createHome(url: string): Promise<Home> {
  const directory = await mkdtemp(join(tmpdir(), "pushfleet-cli-"));
  const spool = join(directory, "spool");
  const startHere = (args: readonly string[], { env, input }: Surroundings = {}) =>
    startProcess(args, input, {
      PATH: process.env["PATH"] ?? "",
      PUSHFLEET_URL: url,
      PUSHFLEET_SPOOL_DIR: spool,
      HOME: directory,
      ...env,
    });
  return {
    directory,
    spool,
    start: startHere,
    run: (args, surroundings) => startHere(args, surroundings).ended,
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
}

function startProcess(
  args: readonly string[],
  input: string | Uint8Array | undefined,
  env: Readonly<Record<string, string>>,
): Running {
  const child = spawn(process.execPath, [start, ...args], { env, stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.on("error", () => {}); // Not every command reads it.
  child.stdin.end(input);
  let written = "";
  child.stdout.on("data", (chunk: Buffer) => {
    written += chunk.toString();
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const killOnExit = () => child.kill("SIGKILL");
  process.once("exit", killOnExit);
  const ended = new Promise<Ended>((resolve) => {
    let endedAtMs = 0;
    child.once("exit", () => {
      endedAtMs = Date.now();
    });
    child.once("close", (exitCode) => {
      process.off("exit", killOnExit);
      resolve({ exitCode, stdout: written, stderr: errors, endedAtMs });
    });
  });
  return {
    pid: child.pid ?? -1,
    signal: (signal) => void child.kill(signal),
    output: () => written,
    closeStdout: () => void child.stdout.destroy(),
    ended,
  };
}
