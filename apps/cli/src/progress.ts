import type { Terminal } from "./terminal.ts";

/** A line on a terminal that says how far some work is; elsewhere nothing. Disposing it takes the line away. */
export interface Progress extends Disposable {
  show(done: number): void;
}

interface Work {
  /** What is counted: `groups`. */
  readonly unit: string;
  readonly total: number;
}

const shortestIntervalMs = 100;
const eraseLine = "\r\x1b[K";

export function startProgress(terminal: Terminal, work: Work): Progress {
  if (terminal.isTTY !== true) return { show() {}, [Symbol.dispose]() {} };
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    show(done) {
      const now = performance.now();
      if (now - shownAt < shortestIntervalMs && done < work.total) return;
      shownAt = now;
      terminal.write(eraseLine + progressText(done, work, terminal.columns ?? 80));
    },
    [Symbol.dispose]: () => void terminal.write(eraseLine),
  };
}

/** `[####      ]  40% 4,000 of 10,000 groups`, in at most so many columns. */
export function progressText(done: number, { total, unit }: Work, columns: number): string {
  const part = total === 0 ? 1 : Math.min(1, done / total);
  const count = `${String(Math.floor(part * 100)).padStart(3)}% ${counted(done)} of ${counted(total)} ${unit}`;
  const width = Math.min(40, columns - count.length - 4);
  if (width < 4) return count.slice(0, columns - 1);
  return `[${"#".repeat(Math.round(part * width)).padEnd(width)}] ${count}`;
}

function counted(count: number): string {
  return count.toLocaleString("en");
}
