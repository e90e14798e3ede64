import { execFile } from "node:child_process";
import { cpus } from "node:os";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Lets this process, and what it starts from now on, run on these processors only, until it is disposed: then on all of them.
 * What runs already stays where it is.
 */
export async function onProcessors(list: string): Promise<AsyncDisposable> {
  await bind(list);
  return { [Symbol.asyncDispose]: () => bind(`0-${lastProcessor()}`) };
}

/** All but the first: there must be two. */
export function otherProcessors(): string {
  return `1-${lastProcessor()}`;
}

function lastProcessor(): number {
  return cpus().length - 1;
}

/** taskset(1) of util-linux, with all threads. */
async function bind(list: string): Promise<void> {
  await run("taskset", ["--all-tasks", "--cpu-list", "--pid", list, `${process.pid}`]);
}
