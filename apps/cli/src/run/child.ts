import { type ChildProcess, spawn } from "node:child_process";
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

/** The signals that a command may be sent, which would end us, or as SIGUSR1 does open a debugger. */
export const jobSignals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

/** Those of keys in a terminal, which reach the command without us; twice, many programs take them for impatience. */
const keySignals: ReadonlySet<NodeJS.Signals> = new Set(["SIGINT", "SIGQUIT"]);

/** Starts the command with our own standard streams, and hands on the signals that we get until it ends. */
export function startChild(
  [command = "", ...args]: readonly string[],
  context: Context,
  { captureStdout }: { readonly captureStdout: boolean },
): Child {
  const startedAt = performance.now();
  const outcome = (exitCode: number): Outcome => ({
    exitCode,
    endedAtMs: context.now(),
    tookMs: performance.now() - startedAt,
  });
  const notStarted = ({ code, message }: NodeJS.ErrnoException): Outcome => ({
    ...outcome(code === "ENOENT" ? 127 : 126),
    startError: `${command}: ${message}`,
  });
  // Listened to before there is a child, so that no signal ends us between the two.
  const signals = context.onSignals(jobSignals, (signal) => {
    if (!keySignals.has(signal) || !context.hasTerminal) child.kill(signal);
  });
  let child: ChildProcess;
  try {
    child = spawn(command, args, { stdio: ["inherit", captureStdout ? "pipe" : "inherit", "inherit"] });
  } catch (error) {
    // Node throws some of what the system says, and tells the rest later.
    signals[Symbol.dispose]();
    return { pid: undefined, stdout: null, ended: Promise.resolve(notStarted(error as Error)) };
  }
  const ended = new Promise<Outcome>((resolve) => {
    child.once("exit", (code, signal) => {
      resolve(outcome(code ?? 128 + signalNumber(signal)));
    });
    child.once("error", (error) => {
      // With a process, it is a signal that could not be delivered.
      if (child.pid === undefined) resolve(notStarted(error));
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
