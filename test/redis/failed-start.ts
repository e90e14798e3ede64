import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface FailedStart {
  readonly code: number | null;
  /** All that was written, to stdout and stderr. */
  readonly output: string;
}

/** Runs a program of ours that is expected to end by itself. One that does not is killed after a while, with code null. */
export async function failedStart(
  program: "gateway" | "reaper",
  flags: readonly string[],
): Promise<FailedStart> {
  const main = fileURLToPath(new URL(`../../apps/${program}/src/main.ts`, import.meta.url));
  const child = spawn(process.execPath, [main, "--web.listen-address=127.0.0.1:0", ...flags], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 25_000,
    killSignal: "SIGKILL",
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  }
  return await new Promise((resolve) => child.on("close", (code) => resolve({ code, output })));
}
