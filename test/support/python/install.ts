import { installEnvironment } from "./environment.ts";
import { jobs } from "./jobs.ts";

/** Vitest's global set-up: installs the client library of jobs in Python. Where it cannot, the tests that need it are skipped and say so. */
export async function setup(): Promise<void> {
  await installEnvironment(jobs);
}
