import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Finding, Tally } from "./campaign.ts";
import { Pulse } from "./pulse.ts";

/** What a thread is started with. */
export interface Errand {
  readonly target: string;
  readonly inputs: number;
  readonly seed: number;
  readonly memory: SharedArrayBuffer;
}

/** A thread that shows no progress for so long hangs; making a case smaller takes less. */
const longestPauseMs = 60_000;
const lookEveryMs = 1_000;

/** Runs the target in a thread of its own. What it hangs at, or what ends it, is a finding as well. */
export async function runInThread(errand: Omit<Errand, "memory">): Promise<Tally> {
  const pulse = new Pulse();
  const start = performance.now();
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData: { ...errand, memory: pulse.memory } satisfies Errand,
  });
  let seen = { beats: -1, at: start };
  let hangs = false;
  const watch = setInterval(() => {
    if (pulse.beats !== seen.beats) seen = { beats: pulse.beats, at: performance.now() };
    if (performance.now() - seen.at < longestPauseMs) return;
    hangs = true;
    void worker.terminate();
  }, lookEveryMs);
  const stopped = (finding: Pick<Finding, "kind" | "message">): Tally => ({
    target: errand.target,
    inputs: pulse.beats,
    accepted: 0,
    refused: 0,
    reasons: 0,
    slowestMs: 0,
    elapsedMs: performance.now() - start,
    findings: [{ ...finding, inputs: [pulse.input] }],
  });
  try {
    const told = once(worker, "message").then(([tally]: Tally[]) => tally);
    // Also when it is terminated.
    const ended = once(worker, "exit").then(() => undefined);
    const tally = await Promise.race([told, ended]);
    if (tally !== undefined) return bytesOf(tally);
    const message = hangs ? `no progress for ${longestPauseMs / 1000} s` : "the thread ended";
    return stopped({ kind: hangs ? "hang" : "crash", message });
  } catch (error) {
    // Thrown outside of what the target waits for.
    return stopped({ kind: "crash", message: error instanceof Error ? (error.stack ?? "") : String(error) });
  } finally {
    clearInterval(watch);
    await worker.terminate();
  }
}

/** Buffers arrive as plain arrays of bytes. */
function bytesOf(tally: Tally): Tally {
  const findings = tally.findings.map((finding) => ({
    ...finding,
    inputs: finding.inputs.map((input) => Buffer.from(input)),
  }));
  return { ...tally, findings };
}
