import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installEnvironment } from "../../support/python/environment.ts";
import { jobs } from "../../support/python/jobs.ts";
import type { Client } from "../client.ts";
import { startProgram } from "../program.ts";

export const python: Client = {
  id: "python",
  name: "Python prometheus-client 0.26.0",
  lacks: ["quantiles"],
  pushesCreationTimes: true,
  async prepare() {
    const environment = await installEnvironment(jobs);
    if (environment.kind === "missing") return environment;
    const program = fileURLToPath(new URL("push.py", import.meta.url));
    return { kind: "ready", start: () => startProgram(join(environment.bin, "python"), [program]) };
  },
};
