import { existsSync } from "node:fs";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ServerProcess } from "./process.ts";

/** The clock of one process, which a test moves on, so that hours pass at once. Timers run as ever. */
export interface MovingClock extends AsyncDisposable {
  /** For the process that is to have the clock. */
  readonly env: Readonly<Record<string, string>>;
  /** Lets so many milliseconds pass in the process, which has to run. */
  pass(milliseconds: number, process: ServerProcess): Promise<void>;
}

/** Run before anything else of the process. A file says how far to move at SIGUSR2, and is removed when that is done. */
const preloaded = `
  import { readFileSync, unlinkSync } from "node:fs";
  const now = Date.now;
  const uptime = process.uptime;
  const ahead = Number(process.env.MOVING_CLOCK_AHEAD);
  let passed = 0;
  Date.now = () => now() + ahead + passed;
  process.uptime = () => uptime.call(process) + passed / 1000;
  process.on("SIGUSR2", () => {
    passed += Number(readFileSync(process.env.MOVING_CLOCK_FILE, "utf8"));
    unlinkSync(process.env.MOVING_CLOCK_FILE);
  });
`;

/** @param aheadMs How far the clock is ahead of the machine's when the process starts, negative for behind. */
export async function createMovingClock(aheadMs: number): Promise<MovingClock> {
  const directory = await mkdtemp(join(tmpdir(), "pushfleet-clock-"));
  const file = join(directory, "pass");
  return {
    env: {
      MOVING_CLOCK_AHEAD: String(aheadMs),
      MOVING_CLOCK_FILE: file,
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preloaded)}`,
    },
    async pass(milliseconds, process) {
      await writeFile(`${file}.new`, String(milliseconds));
      await rename(`${file}.new`, file);
      process.signal("SIGUSR2");
      const deadline = performance.now() + 10_000;
      while (existsSync(file)) {
        if (performance.now() > deadline) throw new Error("the process does not move its clock");
        await delay(1);
      }
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}
