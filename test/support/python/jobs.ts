import { fileURLToPath } from "node:url";
import { findEnvironment, type PythonEnvironment } from "./environment.ts";

/** What jobs in Python need: Prometheus' client library. */
export const jobs: PythonEnvironment = {
  name: "prometheus-client",
  requirements: fileURLToPath(new URL("requirements.txt", import.meta.url)),
  atLeast: "3.9",
};

/** The `python` that has it; undefined, and said so, where there is none. */
export function pythonOfJobs(): string | undefined {
  const bin = findEnvironment(jobs);
  if (bin !== undefined) return `${bin}/python`;
  process.stderr.write("Jobs in Python are not tested: prometheus-client could not be installed\n");
  return undefined;
}
