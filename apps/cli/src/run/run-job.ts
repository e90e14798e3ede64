import { setTimeout as delay } from "node:timers/promises";
import type { Context } from "../context.ts";
import { jobSignals, startChild } from "./child.ts";
import type { RunOptions } from "./command.ts";
import { MetricsFile } from "./metrics-file.ts";

/**
 * Runs the command; resolves to its exit code, whatever becomes of the metrics. It is started before anything is loaded that has to
 * do with them.
 */
export async function runJob(
  options: RunOptions,
  command: readonly string[],
  context: Context,
): Promise<number> {
  const warn = options.quiet ? () => {} : context.warn;
  const mistake = (error: unknown) => warn(`metrics are not sent: ${messageOf(error)}`);
  using _mistakes = context.onMistake(mistake);
  const path = options["metrics-file"];
  const metricsFile = path === "" ? undefined : new MetricsFile(path);
  const startedAtMs = context.now();
  const child = startChild(command, context, { captureStdout: options["metrics-from-stdout"] !== "" });
  const observing = import("./observer.ts").then(
    ({ Observer }) => new Observer(child, { options, startedAtMs, metricsFile, warn, context }),
  );
  observing.catch(() => {}); // It is told when the job has ended.
  const outcome = await child.ended;
  if (outcome.startError !== undefined) context.warn(outcome.startError);

  const giveUp = new AbortController();
  // Whoever wants us to end now has waited for the job already.
  using _signals = context.onSignals(jobSignals, () => giveUp.abort());
  const startTimer = (usedMs: number) =>
    setTimeout(() => giveUp.abort(), options.timeout - usedMs - Math.min(lastWordsMs, options.timeout / 10));
  let timer = startTimer(0);
  const finish = async () => {
    const endedAt = performance.now();
    const observer = await observing;
    const forOthersMs = Math.min(longestForOthersMs, options.timeout / 2);
    // Not while the output is read slowly: that would have held up the command itself.
    clearTimeout(timer);
    await observer.outputPassed({ forOthersMs, signal: giveUp.signal });
    timer = startTimer(Math.min(performance.now() - endedAt, forOthersMs));
    await observer.finish(outcome, giveUp.signal);
  };
  const finishing = finish().catch(mistake);
  const isHanging = aborted(giveUp.signal).then(() => delay(hangingMs, "hanging", { ref: false }));
  if ((await Promise.race([finishing, isHanging])) === "hanging") context.exit(outcome.exitCode);
  clearTimeout(timer);
  return outcome.exitCode;
}

/** How long what the command has left running may go on with its output. */
const longestForOthersMs = 1_000;
/** What is needed of the time allowed to put back what could not be sent, and to say so. */
const lastWordsMs = 100;
/** A disk that has not taken a small file by then is not waited for. On a busy machine it may take a while. */
const hangingMs = 3_000;

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
