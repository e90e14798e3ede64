import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { BODY_VARIANTS, pushBody } from "./workload.ts";

const run = promisify(execFile);

const CONNECTIONS = 16;

/**
 * One wrk thread makes more pushes than any server measured here takes, and a second one would only take processor time
 * from the servers: this benchmark is meant for a machine as small as two cores.
 */
const THREADS = 1;

/** Upstream answers one push in seconds when it holds 10,000 groups; wrk's own 2 s would count that as an error. */
const TIMEOUT = "120s";

export interface LoadResult {
  readonly pushesPerSecond: number;
  readonly requests: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

interface LoadOptions {
  readonly port: number;
  /** Pushes go to random ones of the first so many groups. */
  readonly groups: number;
  readonly seconds: number;
  readonly authorization?: string | undefined;
}

export interface Load extends AsyncDisposable {
  /** Rejects when any push is answered with an error, and when `signal` given to `prepareLoad` aborts. */
  push(options: LoadOptions): Promise<LoadResult>;
}

/** Writes the bodies where wrk finds them. Rejects when wrk is not installed. */
export async function prepareLoad(signal: AbortSignal): Promise<Load> {
  // wrk has no option that exits with 0: its usage text says it is there.
  await run("wrk", ["--version"], { signal }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT")
      throw new Error("wrk is not installed: apt-get install wrk", { cause: error });
    if (signal.aborted) throw error;
  });
  const folder = await mkdtemp(join(tmpdir(), "pushfleet-bench-"));
  const bodies = Array.from({ length: BODY_VARIANTS }, (_, variant) => pushBody(variant));
  const bodyLength = Buffer.byteLength(pushBody(0));
  if (bodies.some((body) => Buffer.byteLength(body) !== bodyLength))
    throw new Error("bodies differ in length");
  const bodiesFile = join(folder, "bodies");
  await writeFile(bodiesFile, bodies.join(""));

  return {
    async push({ port, groups, seconds, authorization }) {
      const script = join(import.meta.dirname, "push.lua");
      const { stdout } = await run(
        "wrk",
        [
          ...["--threads", `${THREADS}`, "--connections", `${CONNECTIONS}`, "--duration", `${seconds}s`],
          ...["--timeout", TIMEOUT, "--script", script, `http://127.0.0.1:${port}`],
          ...["--", `${groups}`, bodiesFile, `${bodyLength}`],
          ...(authorization === undefined ? [] : [authorization]),
        ],
        { signal },
      );
      return parseResult(stdout);
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

function parseResult(stdout: string): LoadResult {
  const line = stdout.split("\n").find((candidate) => candidate.startsWith("{"));
  if (line === undefined) throw new Error(`wrk printed no result:\n${stdout}`);
  // Printed by push.lua beside this file.
  const result = JSON.parse(line) as Omit<LoadResult, "pushesPerSecond"> & {
    readonly seconds: number;
    readonly refused: number;
    readonly failed: number;
    readonly timedOut: number;
  };
  const { seconds, refused, failed, timedOut, ...rest } = result;
  if (refused + failed + timedOut > 0) {
    throw new Error(`of ${rest.requests} pushes ${refused} refused, ${failed} failed, ${timedOut} timed out`);
  }
  if (rest.requests === 0) throw new Error("no push was answered while it was measured");
  return { pushesPerSecond: rest.requests / seconds, ...rest };
}
