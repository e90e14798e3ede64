import { spawn } from "node:child_process";
import { constants } from "node:os";
import type { Readable } from "node:stream";
import type { Context } from "../context.ts";

/** How a command ended. */
export interface Outcome {
  /** As a shell tells it: 128 and the signal's number, 127 when there is no such command, 126 when it cannot be run. */
  readonly exitCode: number;
  readonly endedAtMs: number;
  /** Why it was not started; undefined when it was. */
  readonly startError?: string;
}

export interface Child {
  /** Undefined when it was not started. */
  readonly pid: number | undefined;
  /** Null unless it was asked for. */
  readonly stdout: Readable | null;
  readonly ended: Promise<Outcome>;
}

const forwarded = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Starts the command with our own standard streams, and hands on the signals that we get until it ends. */
export function startChild(
  [command = "", ...args]: readonly string[],
  context: Context,
  { captureStdout }: { readonly captureStdout: boolean },
): Child {
  // Listened to before there is a child, so that no signal ends us between the two.
  const signals = context.onSignals(forwarded, (signal) => {
    // Ctrl-C in a terminal reaches the command without us; twice, many programs take it for impatience.
    if (signal !== "SIGINT" || !context.hasTerminal) child.kill(signal);
  });
  const child = spawn(command, args, { stdio: ["inherit", captureStdout ? "pipe" : "inherit", "inherit"] });
  const ended = new Promise<Outcome>((resolve) => {
    child.once("exit", (code, signal) => {
      resolve({ endedAtMs: context.now(), exitCode: code ?? 128 + signalNumber(signal) });
    });
    child.once("error", (error: NodeJS.ErrnoException) => {
      if (child.pid !== undefined) return; // A signal that could not be delivered.
      const exitCode = error.code === "ENOENT" ? 127 : 126;
      resolve({ endedAtMs: context.now(), exitCode, startError: `${command}: ${error.message}` });
    });
  });
  return {
    pid: child.pid,
    stdout: child.stdout,
    ended: ended.finally(() => signals[Symbol.dispose]()),
  };
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === null ? 0 : constants.signals[signal];
}
