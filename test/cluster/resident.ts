import { readFileSync } from "node:fs";

/** What the process has in memory now. */
export function residentMegabytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

interface ResidentWatch extends Disposable {
  /** The most that the process has had in memory since the watch began. */
  mostMegabytes(): number;
}

/** Looks at the process again and again: what it takes for a moment counts too. */
export function watchResident(pid: number): ResidentWatch {
  let most = 0;
  const look = () => {
    most = Math.max(most, residentMegabytes(pid));
  };
  const timer = setInterval(look, 20);
  return {
    mostMegabytes() {
      look();
      return most;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
