/**
 * `npm run test:schemathesis`: asks a real gateway, on either store, whatever schemathesis makes of the document that the
 * gateway serves of its API, and judges the answers by it. Needs Python 3.11 or newer; without, it says so and does nothing.
 * PUSHFLEET_SCHEMATHESIS_EXAMPLES is how many requests a phase makes of an operation at most.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startGateway } from "../../support/gateway.ts";
import { startRedis } from "../../support/redis.ts";
import { keepPushing } from "./groups.ts";
import { installSchemathesis } from "./install.ts";

const examples = process.env["PUSHFLEET_SCHEMATHESIS_EXAMPLES"] ?? "40";

const installation = await installSchemathesis();
if (installation.kind === "missing") {
  process.stdout.write(`schemathesis: skipped, because ${installation.reason}\n`);
} else {
  for (const store of ["embedded", "redis"] as const)
    if (!(await passes(installation.command, store))) process.exitCode = 1;
}

/** Whether all answers are as the document says. What is not goes to the standard output, with a curl command each. */
async function passes(schemathesis: string, store: "embedded" | "redis"): Promise<boolean> {
  process.stdout.write(`schemathesis on the ${store} store\n`);
  await using redis = store === "redis" ? await startRedis() : undefined;
  await using gateway = await startGateway({
    flags: ["--web.max-event-clients=1000"],
    ...(redis === undefined ? {} : { redisUrl: redis.url }),
  });
  await using _pushing = await keepPushing(gateway.url);
  const api = `${gateway.url}/api/v1`;
  // It leaves files where it runs.
  const directory = await mkdtemp(join(tmpdir(), "pushfleet-schemathesis-"));
  try {
    const run = spawn(
      schemathesis,
      [
        `--config-file=${fileURLToPath(new URL("schemathesis.toml", import.meta.url))}`,
        "--no-color",
        "run",
        `${api}/openapi.yaml`,
        `--url=${api}`,
        `--max-examples=${examples}`,
      ],
      {
        cwd: directory,
        stdio: ["ignore", "inherit", "inherit"],
        env: { ...process.env, SCHEMATHESIS_HOOKS: fileURLToPath(new URL("formats.py", import.meta.url)) },
      },
    );
    const [code] = await once(run, "exit");
    return code === 0;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
