import type { Readable } from "node:stream";
import { isatty } from "node:tty";
import type { Terminal } from "./terminal.ts";

/** What a command works with: everything of the process that it may touch. */
export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  /** Whether what we read comes from a terminal, which then sends its signals to all programs that it runs. */
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
  // Whoever has stopped reading what we write, such as head, is not to make us fail.
  for (const stream of [stdout, stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
  return {
    env,
    // Only opened by those who read it: a command that we run inherits it as it is.
    get stdin() {
      return process.stdin;
    },
    stdout,
    stderr,
    // Without opening it, as stdin.isTTY would.
    hasTerminal: isatty(0),
    now: Date.now,
    warn: (message) => void stderr.write(`pushfleet: ${message}\n`),
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
