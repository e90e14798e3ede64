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
  const observing = import("./observer.ts").then(({ Observer }) =>
    Observer.start(child, { options, startedAtMs, metricsFile, warn, context }),
  );
  observing.catch(() => {}); // It is told when the job has ended.
  const outcome = await child.ended;
  if (outcome.startError !== undefined) context.warn(outcome.startError);

  const giveUp = new AbortController();
  // Whoever wants us to end now has waited for the job already.
  using _signals = context.onSignals(jobSignals, () => giveUp.abort());
  const timer = setTimeout(
    () => giveUp.abort(),
    options.timeout - Math.min(lastWordsMs, options.timeout / 10),
  );
  const finishing = observing.then((observer) => observer.finish(outcome, giveUp.signal)).catch(mistake);
  const isHanging = aborted(giveUp.signal).then(() => delay(hangingMs, "hanging", { ref: false }));
  if ((await Promise.race([finishing, isHanging])) === "hanging") context.exit(outcome.exitCode);
  clearTimeout(timer);
  return outcome.exitCode;
}

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
