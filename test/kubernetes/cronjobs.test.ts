import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { ICronJob } from "kubernetes-models/batch/v1";
import { expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { find, kubernetes, type Manifest, manifestsIn } from "./manifests.ts";

// Each CronJob's container is run here: its command and environment, with this gateway and this repository.

const root = fileURLToPath(new URL("../..", import.meta.url));

test.each([
  { name: "report", file: "report-curl.yaml", program: "generate-report" },
  { name: "backup", file: "backup-run.yaml", program: "backup.sh" },
])("$file pushes how $program went and ends as it does", async ({ name, file, program }) => {
  await using gateway = await startGateway();
  const cronJob = find<ICronJob & Manifest>(
    manifestsIn(await readFile(`${kubernetes}cronjobs/${file}`, "utf8")),
    "CronJob",
    name,
  );
  const job = `job="${name}"`;

  expect(await run(cronJob, gateway.url, { program, exitCode: 0 })).toBe(0);
  const good = await scrape(gateway.url);
  expect(good).toInclude(`batch_job_success{instance="",${job}} 1\n`);
  expect(good).toMatch(/^batch_job_duration_seconds\{.*\} \d/m);
  const [lastSuccess = ""] = /^batch_job_last_success_timestamp_seconds.*/m.exec(good) ?? [];
  expect(lastSuccess).toInclude(job);

  expect(await run(cronJob, gateway.url, { program, exitCode: 3 })).toBe(3);
  const bad = await scrape(gateway.url);
  expect(bad).toInclude(`batch_job_success{instance="",${job}} 0\n`);
  expect(bad).toInclude(lastSuccess);
});

/** The exit code of the job's container when its own program ends with this one. */
async function run(
  cronJob: ICronJob,
  url: string,
  { program, exitCode }: { readonly program: string; readonly exitCode: number },
): Promise<number> {
  const [container] = cronJob.spec?.jobTemplate.spec?.template.spec?.containers ?? [];
  const bin = await mkdtemp(join(tmpdir(), "pushfleet-cronjob-"));
  try {
    await writeFile(join(bin, program), `#!/bin/sh\nexit ${exitCode}\n`, { mode: 0o755 });
    const [command = "", ...args] = [...(container?.command ?? []), ...(container?.args ?? [])].map((word) =>
      word.replace("/opt/pushfleet/", root),
    );
    const env = {
      ...process.env,
      PATH: `${bin}:${process.env["PATH"]}`,
      ...Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, here(value ?? "")])),
    };
    const node = command === "node" ? process.execPath : command;
    return await promisify(execFile)(node, args, { env }).then(
      () => 0,
      (failure: { readonly code: number }) => failure.code,
    );
  } finally {
    await rm(bin, { recursive: true });
  }

  function here(value: string): string {
    return value
      .replace("http://pushfleet.pushfleet.svc:9091", url)
      .replace("/tmp/pushfleet", join(bin, "spool"));
  }
}

async function scrape(url: string): Promise<string> {
  return await (await fetch(`${url}/metrics`)).text();
}
