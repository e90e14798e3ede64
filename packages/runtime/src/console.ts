import { format } from "node:util";
import type { Logger } from "./logger.ts";

/**
 * Turns what libraries print with `console.warn` and `console.error` into lines of the log, so that a program writes
 * nothing else. While there is no logger it is dropped: a start that fails says the reason itself.
 */
export function logConsole(logger: () => Logger | undefined): void {
  for (const level of ["warn", "error"] as const) {
    console[level] = (...remark: unknown[]) => logger()?.[level](format(...remark));
  }
}
