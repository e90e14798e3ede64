/** What Linux tells about a running process. */
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

/** Resident memory in MiB. */
export async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kibibytes === undefined) throw new Error(`/proc/${pid}/status has no VmRSS`);
  return Number(kibibytes) / 1024;
}

const TICK_SECONDS = 0.01;
const QUIET_MS = 100;

/**
 * Resolves once none of the processes has used more than a tenth of a processor for 100 ms: what was measured before
 * (queued pushes, garbage collection) must not be charged to what is measured next. Rejects after a minute.
 */
export async function settle(pids: readonly number[], signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + 60_000;
  const used = async () => {
    const seconds = await Promise.all(pids.map(processorSeconds));
    return seconds.reduce((sum, each) => sum + each, 0);
  };
  for (let before = await used(); Date.now() < deadline; ) {
    await delay(QUIET_MS, undefined, { signal });
    const after = await used();
    if (after - before < 1.5 * TICK_SECONDS) return;
    before = after;
  }
  throw new Error(`processes ${pids.join(", ")} are still busy after a minute of rest`);
}

/** User and system time of all its threads, to 10 ms: fields 14 and 15 of /proc/<pid>/stat, see proc(5). */
export async function processorSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // The second field is the program's name in parentheses and may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_SECONDS;
}
