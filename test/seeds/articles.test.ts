import { execFile } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { type RedisServer, startRedis } from "../support/redis.ts";

// The commands of the articles that our users learnt from, as printed there but for the typos named beside them.
// Hosts stay as written; they are replaced by the gateway's address when a command runs.

const pushes = [
  {
    // Printed with "@-http": a space is missing.
    command: `echo "example_metric 1234" | curl --data-binary @- http://prometheus:9001/metrics/job/db_backup`,
    shows: ['example_metric{instance="",job="db_backup"} 1234'],
  },
  {
    // Same typo. The blanks after "23" and the blank first line are the article's own.
    command: `cat << EOF | curl --data-binary @- http://prometheus:9001/metrics/job/job1/instance/instance1

# TYPE first_metric gauge
first_metric{label="value1"}  23 
# TYPE second_metric counter 
# HELP second_metric Another example
second_metric  41
EOF`,
    shows: [
      "# TYPE first_metric gauge",
      'first_metric{instance="instance1",job="job1",label="value1"} 23',
      "# HELP second_metric Another example",
      "# TYPE second_metric counter",
      'second_metric{instance="instance1",job="job1"} 41',
    ],
  },
  {
    command: `echo "batch_job_duration_seconds 42.5" | \\
  curl --data-binary @- http://pushgateway:9091/metrics/job/etl_pipeline`,
    shows: ['batch_job_duration_seconds{instance="",job="etl_pipeline"} 42.5'],
  },
  {
    command: `cat <<EOF | curl --data-binary @- http://pushgateway:9091/metrics/job/etl_pipeline/instance/server1
# TYPE batch_job_duration_seconds gauge
batch_job_duration_seconds 42.5
# TYPE batch_job_records_processed counter
batch_job_records_processed 15000
# TYPE batch_job_last_success_timestamp gauge
batch_job_last_success_timestamp $(date +%s)
EOF`,
    shows: [
      "# TYPE batch_job_duration_seconds gauge",
      'batch_job_duration_seconds{instance="server1",job="etl_pipeline"} 42.5',
      'batch_job_records_processed{instance="server1",job="etl_pipeline"} 15000',
    ],
  },
  {
    command: `echo "backup_size_bytes 1073741824" | \\
  curl --data-binary @- \\
  http://pushgateway:9091/metrics/job/backup/instance/db-primary/database/users`,
    shows: ['backup_size_bytes{database="users",instance="db-primary",job="backup"} 1.073741824e+09'],
  },
  {
    command: `PUSHGATEWAY="http://pushgateway:9091"
JOB_NAME="database_backup"
INSTANCE="db-primary"
START_TIME=$(date +%s.%N)
END_TIME=$(date +%s.%N)
DURATION=0.25
BACKUP_STATUS=0
cat <<EOF | curl --data-binary @- "\${PUSHGATEWAY}/metrics/job/\${JOB_NAME}/instance/\${INSTANCE}"
# HELP backup_duration_seconds Time taken to complete backup
# TYPE backup_duration_seconds gauge
backup_duration_seconds \${DURATION}
# HELP backup_last_completion_timestamp Unix timestamp of last backup completion
# TYPE backup_last_completion_timestamp gauge
backup_last_completion_timestamp \${END_TIME}
# HELP backup_success Whether the backup succeeded (1) or failed (0)
# TYPE backup_success gauge
backup_success $([[ $BACKUP_STATUS -eq 0 ]] && echo 1 || echo 0)
EOF`,
    shows: [
      "# HELP backup_success Whether the backup succeeded (1) or failed (0)",
      'backup_success{instance="db-primary",job="database_backup"} 1',
    ],
  },
  {
    command: `PUSHGATEWAY_URL="http://pushgateway:9091"
JOB_NAME="daily_backup"
INSTANCE="server-01"
START_TIME=$(date +%s)
END_TIME=$(date +%s)
DURATION=$((END_TIME - START_TIME))
STATUS=1
cat <<EOF | curl --data-binary @- "\${PUSHGATEWAY_URL}/metrics/job/\${JOB_NAME}/instance/\${INSTANCE}"
# HELP batch_job_success Whether the batch job succeeded (1) or failed (0)
# TYPE batch_job_success gauge
batch_job_success \${STATUS}
# HELP batch_job_last_run_timestamp Unix timestamp of last job run
# TYPE batch_job_last_run_timestamp gauge
batch_job_last_run_timestamp \${END_TIME}
EOF`,
    shows: ['batch_job_success{instance="server-01",job="daily_backup"} 1'],
  },
  {
    command: `echo "test_metric 123" | curl --data-binary @- http://pushgateway:9091/metrics/job/test_job`,
    shows: ['test_metric{instance="",job="test_job"} 123'],
  },
  {
    // Printed with typographic quotes and dashes.
    command: `echo "test_metric 123456" | \\
curl --data-binary @- http://127.0.0.1:9091/metrics/job/test_job`,
    shows: ['test_metric{instance="",job="test_job"} 123456'],
  },
];

const deletions = [
  { command: "curl -X DELETE http://pushgateway:9091/metrics/job/etl_pipeline", path: "/job/etl_pipeline" },
  {
    command: "curl -X DELETE http://pushgateway:9091/metrics/job/etl_pipeline/instance/worker-1",
    path: "/job/etl_pipeline/instance/worker-1",
  },
  {
    command: "curl -X DELETE http://pushgateway:9091/metrics/job/backup/instance/db-primary/database/users",
    path: "/job/backup/instance/db-primary/database/users",
  },
  {
    command: `PUSHGATEWAY_URL="http://pushgateway:9091"
delete_job_metrics() {
    local job_name=$1
    local instance=$2

    curl -X DELETE "\${PUSHGATEWAY_URL}/metrics/job/\${job_name}/instance/\${instance}"
    echo "Deleted metrics for job=\${job_name}, instance=\${instance}"
}
delete_job_metrics "old_backup" "decommissioned-server"`,
    path: "/job/old_backup/instance/decommissioned-server",
  },
];

let redis: RedisServer;
let curlHome: string;
beforeAll(async () => {
  redis = await startRedis();
  // Makes curl fail on an HTTP error without touching the commands.
  curlHome = await mkdtemp(join(tmpdir(), "curl-"));
  await writeFile(join(curlHome, ".curlrc"), "fail\nsilent\nshow-error\n");
});
afterAll(() => redis[Symbol.asyncDispose]());

async function shell(command: string, gatewayUrl: string): Promise<string> {
  const address = new URL(gatewayUrl).host;
  const here = command.replaceAll(
    /\b(pushgateway:9091|prometheus:9001|127\.0\.0\.1:9091|localhost:9091)/g,
    address,
  );
  const env = { ...process.env, CURL_HOME: curlHome };
  return (await promisify(execFile)("bash", ["-o", "pipefail", "-c", here], { env })).stdout;
}

const flags = ["--web.enable-admin-api"];
describeOn("the embedded store", () => startGateway({ flags }));
describeOn("Redis", () => startGateway({ flags, redisUrl: redis.url }));

function describeOn(store: string, start: () => ReturnType<typeof startGateway>): void {
  test(`on ${store}, every push of the articles works and shows in the scrape`, async () => {
    await using gateway = await start();
    for (const { command, shows } of pushes) {
      // Each article begins with an empty gateway; together they give one name several types.
      await fetch(`${gateway.url}/api/v1/admin/wipe`, { method: "PUT" });
      await shell(command, gateway.url);
      const lines = (await shell("curl -s http://pushgateway:9091/metrics", gateway.url)).split("\n");
      expect(lines, command).toIncludeAllMembers(shows);
    }
  });

  test(`on ${store}, every query of the articles works`, async () => {
    await using gateway = await start();
    expect(await shell("curl http://localhost:9091", gateway.url)).toInclude("Pushfleet");
    await shell(
      `echo "batch_job_x 1" | curl --data-binary @- http://pushgateway:9091/metrics/job/q`,
      gateway.url,
    );
    expect(
      await shell(`curl -s "http://pushgateway:9091/metrics" | grep "batch_job"`, gateway.url),
    ).toInclude('batch_job_x{instance="",job="q"} 1');
    // The article pipes this one into jq.
    const groups = JSON.parse(await shell("curl -s http://pushgateway:9091/api/v1/metrics", gateway.url));
    expect(groups).toMatchObject({ status: "success" });
    expect(groups.data.map((group: { labels: object }) => group.labels)).toContainEqual({ job: "q" });
  });

  test(`on ${store}, every deletion of the articles removes its group`, async () => {
    await using gateway = await start();
    for (const { command, path } of deletions) {
      await fetch(`${gateway.url}/metrics${path}`, { method: "PUT", body: "doomed 1\n" });
      expect(await (await fetch(`${gateway.url}/metrics`)).text()).toMatch(/^doomed\{/m);
      await shell(command, gateway.url);
      expect(await (await fetch(`${gateway.url}/metrics`)).text(), command).not.toMatch(/^doomed\{/m);
    }
  });
}
