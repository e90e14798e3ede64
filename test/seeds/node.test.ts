import { expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { createWorkplace, scrape, standIns } from "./workplace.ts";

test.each([
  { elasticsearch: "up", exitCode: 0, success: 1 },
  { elasticsearch: "down", exitCode: 1, success: 0 },
])(
  "how-to-configure/etl-job.js pushes success $success and ends with $exitCode",
  async ({ elasticsearch, exitCode, success }) => {
    await using gateway = await startGateway();
    await using workplace = await createWorkplace({ gatewayUrl: gateway.url });
    const job = await workplace.put("how-to-configure/etl-job.js");
    const ended = await workplace.run(process.execPath, [`--require=${standIns}node/etl.cjs`, job], {
      PUSHGATEWAY_URL: gateway.url,
      HOSTNAME: "worker-7",
      ELASTICSEARCH: elasticsearch,
    });
    expect(ended.exitCode, ended.stderr).toBe(exitCode);
    expect(ended.stdout).toEndWith("Metrics pushed successfully\n");
    const own = 'instance="worker-7",job="etl_job",job_name="etl_job"';
    const lines = await scrape(gateway.url);
    expect(lines).toIncludeAllMembers([
      "# HELP batch_job_success Whether the job completed successfully (1) or failed (0)",
      `batch_job_success{${own}} ${success}`,
      `etl_records_extracted_total{${own},source="postgres"} 3`,
      `etl_records_rejected_total{${own},reason="format"} 1`,
    ]);
    expect(
      lines.some((line) => line.startsWith(`batch_job_duration_seconds{${own},phase="total"} `)),
    ).toBeTrue();
  },
);
