import type { Readable } from "node:stream";
import { isatty } from "node:tty";
import { printable, type Terminal } from "./terminal.ts";

/** What a command works with: everything of the process that it may touch. */
export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  /** Whether somebody runs us in a terminal, which then sends its signals to all programs that it runs. */
  readonly hasTerminal: boolean;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Writes one line to stderr that says who speaks. */
  warn(message: string): void;
  /** Ends the program at once, whatever it is waiting for. */
  exit(code: number): never;
  /** Takes these signals instead of ending, until it is disposed of. */
  onSignals(signals: readonly NodeJS.Signals[], handle: (signal: NodeJS.Signals) => void): Disposable;
  /** Tells what nobody has caught, instead of ending, until it is disposed of. */
  onMistake(handle: (error: unknown) => void): Disposable;
}

/** Builds what the commands work with. */
export function createContext(process: NodeJS.Process): Context {
  const { env, stdout, stderr } = process;
  // Some of it gateways say.
  const warn = (message: string) => void stderr.write(`pushfleet: ${printable(message)}\n`);
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    // Whoever has stopped reading what we write, such as head, is not to make us fail.
    if (error.code === "EPIPE") return;
    process.exitCode ||= 1;
    warn(error.message);
  });
  stderr.on("error", () => {}); // There is nowhere left to say so.
  return {
    env,
    // Only opened by those who read it: a command that we run inherits it as it is.
    get stdin() {
      return process.stdin;
    },
    stdout,
    stderr,
    // One of them may be a file all the same. Without opening any, as stdin.isTTY would.
    hasTerminal: [0, 1, 2].some((descriptor) => isatty(descriptor)),
    now: Date.now,
    warn,
    exit: (code) => process.exit(code),
    onMistake(handle) {
      process.on("uncaughtException", handle);
      return { [Symbol.dispose]: () => process.off("uncaughtException", handle) };
    },
    onSignals(signals, handle) {
      for (const signal of signals) process.on(signal, handle);
      return {
        [Symbol.dispose]: () => {
          for (const signal of signals) process.off(signal, handle);
        },
      };
    },
  };
}
