import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { type RedisServer, startRedis } from "../support/redis.ts";
import { createWorkplace, scrape } from "./workplace.ts";

/** Snippets, and what the next scrape has of them. */
const pushes: Readonly<Record<string, readonly string[]>> = {
  "pushgateways/push-one.sh": ['example_metric{instance="",job="db_backup"} 1234'],
  "pushgateways/push-several.sh": [
    "# TYPE first_metric gauge",
    'first_metric{instance="instance1",job="job1",label="value1"} 23',
    "# HELP second_metric Another example",
    "# TYPE second_metric counter",
    'second_metric{instance="instance1",job="job1"} 41',
  ],
  "how-to-implement/push-one.sh": ['batch_job_duration_seconds{instance="",job="etl_pipeline"} 42.5'],
  "how-to-implement/push-several.sh": [
    "# TYPE batch_job_duration_seconds gauge",
    'batch_job_duration_seconds{instance="server1",job="etl_pipeline"} 42.5',
    "# TYPE batch_job_records_processed counter",
    'batch_job_records_processed{instance="server1",job="etl_pipeline"} 15000',
    "# TYPE batch_job_last_success_timestamp gauge",
  ],
  "how-to-implement/push-with-labels.sh": [
    'backup_size_bytes{database="users",instance="db-primary",job="backup"} 1.073741824e+09',
  ],
  "short-lived-jobs/push.sh": ['test_metric{instance="",job="test_job"} 123456'],
};

const deletions: Readonly<Record<string, readonly string[]>> = {
  "how-to-implement/delete.sh": [
    "/job/etl_pipeline",
    "/job/etl_pipeline/instance/worker-1",
    "/job/backup/instance/db-primary/database/users",
  ],
  "how-to-configure/cleanup-pushgateway.sh": [
    "/job/old_backup/instance/decommissioned-server",
    "/job/deprecated_etl_job",
  ],
};

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis[Symbol.asyncDispose]());

describe.each(["embedded", "redis"] as const)("on the %s store", (store) => {
  const start = () => startGateway(store === "redis" ? { redisUrl: redis.url, flags } : { flags });
  const flags = ["--web.enable-admin-api"];

  test.each(Object.entries(pushes))("%s pushes what the next scrape has", async (snippet, shows) => {
    await using gateway = await start();
    // The articles give one name several types: each begins with an empty gateway.
    await fetch(`${gateway.url}/api/v1/admin/wipe`, { method: "PUT" });
    await using workplace = await createWorkplace({ gatewayUrl: gateway.url });
    expect(await workplace.bash(snippet)).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect(await scrape(gateway.url)).toIncludeAllMembers([...shows]);
  });

  test.each(Object.entries(deletions))("%s deletes its groups and no other", async (snippet, groups) => {
    await using gateway = await start();
    await using workplace = await createWorkplace({ gatewayUrl: gateway.url });
    for (const path of [...groups, "/job/bystander"]) await push(gateway.url, path, "doomed 1\n");
    expect(await workplace.bash(snippet)).toMatchObject({ exitCode: 0, stderr: "" });
    const left = (await scrape(gateway.url)).filter((line) => line.startsWith("doomed{"));
    expect(left).toEqual(['doomed{instance="",job="bystander"} 1']);
  });
});

test.each([
  { pgDumpExit: "0", success: 1 },
  { pgDumpExit: "1", success: 0 },
])("how-to-implement/backup_job.sh tells of a backup that ends with $pgDumpExit", async (backup) => {
  await using gateway = await startGateway();
  await using workplace = await createWorkplace({ gatewayUrl: gateway.url });
  const { exitCode, stdout } = await workplace.bash("how-to-implement/backup_job.sh", {
    PG_DUMP_EXIT: backup.pgDumpExit,
  });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^Backup completed: status=[01], size=\d+, duration=[\d.]+s$/m);
  const labels = '{instance="db-primary",job="database_backup"}';
  const lines = await scrape(gateway.url);
  expect(lines).toIncludeAllMembers([
    "# HELP backup_success Whether the backup succeeded (1) or failed (0)",
    "# TYPE backup_success gauge",
    `backup_success${labels} ${backup.success}`,
  ]);
  for (const name of ["backup_duration_seconds", "backup_size_bytes", "backup_last_completion_timestamp"])
    expect(
      lines.some((line) => line.startsWith(`${name}${labels} `)),
      name,
    ).toBeTrue();
});

test.each([
  { pgDumpExit: "0", success: 1, records: 15000 },
  // The script has no pipefail: a pg_dump that fails before gzip counts as a success. recipes.md mends it.
  { pgDumpExit: "1", success: 1, records: 15000 },
])("how-to-configure/daily-backup.sh tells of a backup that ends with $pgDumpExit", async (backup) => {
  await using gateway = await startGateway();
  await using workplace = await createWorkplace({ gatewayUrl: gateway.url });
  const script = await workplace.put("how-to-configure/daily-backup.sh");
  const ended = await workplace.run("bash", [script], { PG_DUMP_EXIT: backup.pgDumpExit });
  expect(ended).toEqual({ exitCode: 0, stdout: "Metrics pushed to Pushgateway\n", stderr: "" });
  const labels = '{instance="server-01",job="daily_backup"}';
  const lines = await scrape(gateway.url);
  expect(lines).toIncludeAllMembers([
    `batch_job_success${labels} ${backup.success}`,
    `batch_job_records_processed${labels} ${backup.records}`,
    "# HELP batch_job_last_run_timestamp Unix timestamp of last job run",
  ]);
  expect(lines.some((line) => line.startsWith(`batch_job_duration_seconds${labels} `))).toBeTrue();
});

test("how-to-implement/crontab has a line whose command deletes its group", async () => {
  await using gateway = await startGateway();
  await using workplace = await createWorkplace({ gatewayUrl: gateway.url });
  const crontab = await readFile(await workplace.put("how-to-implement/crontab"), "utf8");
  const [, command = ""] = /^(?:\S+ ){5}(.+)$/m.exec(crontab.replace(/^#.*\n/m, "")) ?? [];
  await push(gateway.url, "/job/old_job", "doomed 1\n");
  expect(await workplace.run("sh", ["-c", command])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  expect((await scrape(gateway.url)).filter((line) => line.startsWith("doomed{"))).toBeEmpty();
});

test("pushgateways/url.txt is a URL to push to, once its parts are filled in", async () => {
  await using gateway = await startGateway();
  await using workplace = await createWorkplace({ gatewayUrl: gateway.url });
  const { hostname, port } = new URL(gateway.url);
  const parts: Readonly<Record<string, string>> = {
    "push-gateway-address": hostname,
    port,
    "job-name": "nightly",
    label1: "stage",
    value1: "load",
    label2: "table",
    value2: "users",
  };
  const url = (await workplace.text("pushgateways/url.txt"))
    .trim()
    .replaceAll(/<([\w-]+)>/g, (_, part: string) => parts[part] ?? "");
  const answer = await fetch(url, { method: "POST", body: "some_metric 1\n" });
  expect(answer.status).toBe(200);
  expect(await scrape(gateway.url)).toContain(
    'some_metric{instance="",job="nightly",stage="load",table="users"} 1',
  );
});

test("pushgateways/look.sh and how-to-configure/connectivity.sh get answers", async () => {
  await using gateway = await startGateway();
  await using workplace = await createWorkplace({ gatewayUrl: gateway.url });
  expect(await workplace.bash("pushgateways/look.sh")).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("Pushfleet"),
  });
  expect(await workplace.bash("how-to-configure/connectivity.sh")).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("# TYPE "),
  });
});

async function push(gatewayUrl: string, path: string, body: string): Promise<void> {
  const answer = await fetch(`${gatewayUrl}/metrics${path}`, { method: "PUT", body });
  expect(answer.status).toBe(200);
}
