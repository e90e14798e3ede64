import { cp } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { buildGo, whyNoGo } from "../support/go/build.ts";
import { createWorkplace, scrape, standIns } from "./workplace.ts";

/** The first build makes the client library too, and one of the jobs works for up to half a minute. */
const timeout = 300_000;

describe.skipIf(whyNoGo() !== undefined)("with client_golang", () => {
  test("how-to-implement/main.go pushes gauges and a counter", { timeout }, async () => {
    await using gateway = await startGateway();
    await using workplace = await createWorkplace({ gatewayUrl: gateway.url });
    await workplace.put("how-to-implement/main.go");
    const { exitCode, stderr } = await workplace.run(await buildGo(workplace.directory), []);
    expect(exitCode, stderr).toBe(0);
    const [, records] = /Processed (\d+) records in .*\n.*Metrics pushed successfully\n$/.exec(stderr) ?? [];
    const labels = '{instance="worker-1",job="etl_pipeline"}';
    const lines = await scrape(gateway.url);
    expect(lines).toIncludeAllMembers([
      "# TYPE batch_job_records_processed_total counter",
      `batch_job_records_processed_total${labels} ${records}`,
      "# HELP batch_job_last_success_timestamp Timestamp of last successful job run",
    ]);
    expect(lines.some((line) => line.startsWith(`batch_job_duration_seconds${labels} `))).toBeTrue();
  });

  test("how-to-configure/main.go pushes how each table went, and ends as it does", { timeout }, async () => {
    await using gateway = await startGateway();
    await using workplace = await createWorkplace({ gatewayUrl: gateway.url });
    await workplace.put("how-to-configure/main.go");
    await cp(`${standIns}go/sync.go`, join(workplace.directory, "sync.go"));
    const program = await buildGo(workplace.directory);
    const own = 'instance="worker-7",job="data_sync"';
    for (const { inventory, exitCode, success } of [
      { inventory: "up", exitCode: 0, success: 1 },
      { inventory: "down", exitCode: 1, success: 0 },
    ]) {
      const env = { PUSHGATEWAY_URL: gateway.url, HOSTNAME: "worker-7", INVENTORY: inventory };
      const ended = await workplace.run(program, [], env);
      expect(ended.exitCode, ended.stderr).toBe(exitCode);
      expect(ended.stderr).toInclude(`Metrics pushed to ${gateway.url}`);
      expect(await scrape(gateway.url)).toIncludeAllMembers([
        `batch_job_success{${own}} ${success}`,
        `sync_records_total{${own},operation="insert",table="users"} 2`,
        `sync_records_total{${own},operation="delete",table="orders"} 4`,
      ]);
    }
    expect(await scrape(gateway.url)).toContain(
      `sync_errors_total{error_type="fetch",${own},table="inventory"} 1`,
    );
  });
});
