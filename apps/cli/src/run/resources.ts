import { readdirSync, readFileSync } from "node:fs";

/** What a command and all processes below it used. */
export interface ResourceUsage {
  /** Of those that have ended and were waited for: of all, when the command waits for its children. In steps of 10 ms. */
  readonly userSeconds: number;
  readonly systemSeconds: number;
  /**
   * The largest that was seen of two figures: the sum of what all processes had in memory at one moment, with pages that they
   * share counted for each, and the peak of a single process. What lived only between two looks is not in it; undefined when nothing
   * was seen.
   */
  readonly residentBytes: number | undefined;
}

/** The first looks follow quickly, for commands that end soon. */
const firstPauseMs = 5;
const longestPauseMs = 1_000;

/** What Linux counts times in, on every architecture. */
const ticksPerSecond = 100;

/**
 * Watches the processes below a command, from outside and without its help: CPU time by what the kernel adds up for the children
 * of this process, memory by looks at /proc, twice as far apart each time and at last every second. Linux only.
 */
export class ResourceWatch {
  readonly #pid: number;
  readonly #cpuBefore = childrenCpu();
  #residentBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(pid: number) {
    this.#pid = pid;
    this.#look(firstPauseMs);
  }

  /** To be called when the command has ended; undefined where there is no /proc. */
  end(): ResourceUsage | undefined {
    clearTimeout(this.#timer);
    const after = childrenCpu();
    if (after === undefined || this.#cpuBefore === undefined) return undefined;
    return {
      userSeconds: (after.user - this.#cpuBefore.user) / ticksPerSecond,
      systemSeconds: (after.system - this.#cpuBefore.system) / ticksPerSecond,
      residentBytes: this.#residentBytes === 0 ? undefined : this.#residentBytes,
    };
  }

  #look(pauseMs: number): void {
    const looks = processesBelow(this.#pid).map(memoryOf);
    const sum = looks.reduce((total, { resident }) => total + resident, 0);
    this.#residentBytes = Math.max(this.#residentBytes, sum, ...looks.map(({ peak }) => peak));
    this.#timer = setTimeout(() => this.#look(Math.min(pauseMs * 2, longestPauseMs)), pauseMs);
    this.#timer.unref();
  }
}

/** In ticks: cutime and cstime of proc_pid_stat(5). */
function childrenCpu(): { readonly user: number; readonly system: number } | undefined {
  const stat = read("/proc/self/stat");
  if (stat === "") return undefined;
  // The name of the program may hold blanks and parentheses: what follows the last one begins with the third field.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { user: Number(fields[16 - 3]), system: Number(fields[17 - 3]) };
}

function processesBelow(pid: number): readonly number[] {
  const children = tasksOf(pid).flatMap((task) =>
    read(`/proc/${pid}/task/${task}/children`)
      .split(" ")
      .filter((child) => child !== ""),
  );
  return [pid, ...children.flatMap((child) => processesBelow(Number(child)))];
}

function tasksOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // It has ended.
  }
}

function memoryOf(pid: number): { readonly resident: number; readonly peak: number } {
  const status = read(`/proc/${pid}/status`);
  const bytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s*(\\d+) kB$`, "m").exec(status)?.[1] ?? 0) * 1024;
  return { resident: bytes("VmRSS"), peak: bytes("VmHWM") };
}

/** "" when the process has ended. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
