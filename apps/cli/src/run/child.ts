import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { constants } from "node:os";
import type { Readable } from "node:stream";
import type { Context } from "../context.ts";

/** How a command ended. */
export interface Outcome {
  /** As a shell tells it: 128 and the signal's number, 127 when there is no such command, 126 when it cannot be run. */
  readonly exitCode: number;
  /** Milliseconds since the epoch. */
  readonly endedAtMs: number;
  /** Milliseconds, whatever the clock did meanwhile. */
  readonly tookMs: number;
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

/** What would end us, or in Node's case open a debugger. */
const forwarded = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

/** Those of the keys Ctrl-C and Ctrl-\ in a terminal, which reach the command without us; twice, many programs take them for impatience. */
const ofKeys: ReadonlySet<NodeJS.Signals> = new Set(["SIGINT", "SIGQUIT"]);

/** Starts the command with our own standard streams, and hands on the signals that we get until it ends. */
export function startChild(
  command: readonly string[],
  context: Context,
  { captureStdout }: { readonly captureStdout: boolean },
): Child {
  const startedAt = performance.now();
  const end = () => ({ endedAtMs: context.now(), tookMs: performance.now() - startedAt });
  // Listened to before there is a child, so that no signal ends us between the two.
  const signals = context.onSignals(forwarded, (signal) => {
    if (!ofKeys.has(signal) || !context.hasTerminal) child.kill(signal);
  });
  const child = spawnCommand(command, ["inherit", captureStdout ? "pipe" : "inherit", "inherit"]);
  const ended = new Promise<Outcome>((resolve) => {
    child.once("exit", (code, signal) => {
      resolve({ ...end(), exitCode: code ?? 128 + signalNumber(signal) });
    });
    child.once("error", (error: NodeJS.ErrnoException) => {
      if (child.pid !== undefined) return; // A signal that could not be delivered.
      const exitCode = error.code === "ENOENT" ? 127 : 126;
      resolve({ ...end(), exitCode, startError: `${command[0]}: ${error.message}` });
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
