import { expect, onTestFailed } from "vitest";
import type { ProcessLog } from "../../support/process-log.ts";

/** A row runs in a short form unless its variable asks for more, because all tests together must stay bearable. */
export function measure(name: string, inShort: number): number {
  return Number(process.env[name] ?? inShort);
}

/** Says what was measured. */
export function tell(figures: string): void {
  process.stderr.write(`${expect.getState().currentTestName?.split(":")[0]}: ${figures}\n`);
}

/** NaN when empty. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
}

/** How many of the last lines of each log are shown of a failed test. */
const toldLines = 60;

/** Shows the ends of the logs when the test fails. They are read before what writes them is disposed. */
export function tellLogsOnFailure(source: () => readonly ProcessLog[]): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      const told = source().map(({ name, text }) =>
        [`== ${name}`, ...text.trimEnd().split("\n").slice(-toldLines), ""].join("\n"),
      );
      onTestFailed(() => void process.stderr.write(told.join("\n")));
    },
  };
}
