import { families, labels, type Message, PROTOBUF } from "../conformance/protobuf.ts";
import type { Site } from "./site.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How long ago the first of the groups is pushed. */
export const showcaseSpanMs = 31 * HOUR;

/**
 * Pushes what a team's batch jobs might have left in a day and a half: backups, ETL, CI and the like, long ago and just
 * now, refused and about to expire. Moves the site's clock on by `showcaseSpanMs`.
 */
export async function pushShowcase(site: Site): Promise<void> {
  await site.push("report-weekly/format/pdf?ttl=8d", report);
  await site.push("invoice-mailer/tenant/acme", invoices);
  await site.pass(12 * HOUR);

  await site.push("nightly-backup/instance/db-1?ttl=1d12h", backup(918_377_412_608, 1_840));
  await site.push("nightly-backup/instance/files-1?ttl=1d12h", backup(2_199_023_255_552, 9_312.5));
  await site.push(`certbot-renew/domain/${encodeURIComponent("münchen.example")}?ttl=2d`, certificate);
  await site.pass(10 * HOUR);

  await site.push("etl-orders/stage/extract?ttl=1d", etl(7));
  await site.push("etl-orders/stage/load?ttl=1d", etl(4));
  await site.push(`warehouse-query/query/${encodeURIComponent(longQuery)}`, warehouse);
  await site.push("db-vacuum/instance/db-1", vacuum);
  await site.pass(8 * HOUR + 12 * MINUTE);

  await site.push("db-vacuum/instance/db-1", twice);
  await site.push("invoice-mailer/tenant/initech", twice);
  await site.push("search-reindex/cluster/eu-1?ttl=2h", reindex);
  await site.push("search-reindex/cluster/us-1?ttl=50m", reindex);
  await site.pass(43 * MINUTE);

  await site.push("cache-warmup/region/eu?ttl=30m", warmup);
  for (const branch of ["main", "feature/native-histograms"])
    await site.push(`ci-build/branch@base64/${base64Url(branch)}?ttl=7d`, ciBuild, PROTOBUF);
  await site.pass(4 * MINUTE + 10 * SECOND);

  await site.push("etl-orders/stage/load?ttl=1d", etl(6));
  await site.push("log-rotate/instance/edge-1?ttl=1h", rotate);
  await site.pass(50 * SECOND);
}

/** What tries to be more than text, wherever a page shows it: its job, another label, and the help and labels of a metric. */
export const hostile = {
  job: '<img src="x" onerror="alert(1)">',
  label: '"></script><script>alert(2)</script>',
  help: '<b onclick="alert(3)">{{7*7}}</b> &amp; %3Cscript%3E',
} as const;

export async function pushHostile(site: Site): Promise<void> {
  const path = `${encodeURIComponent(hostile.job)}/page@base64/${base64Url(hostile.label)}`;
  const value = hostile.label.replaceAll('"', '\\"');
  await site.push(path, `# HELP m ${hostile.help}\n# TYPE m gauge\nm{l="${value}"} 1\n`);
}

/** Without what a path of a URL cannot carry. */
export function base64Url(text: string): string {
  return Buffer.from(text).toString("base64url");
}

function backup(bytes: number, seconds: number): string {
  return `# HELP backup_duration_seconds How long the backup took.
# TYPE backup_duration_seconds gauge
backup_duration_seconds ${seconds}
# HELP backup_size_bytes Size of the backup.
# TYPE backup_size_bytes gauge
backup_size_bytes{kind="full"} ${bytes}
backup_size_bytes{kind="incremental"} ${Math.round(bytes / 37)}
# HELP backup_last_success_timestamp_seconds When the last backup that succeeded ended.
# TYPE backup_last_success_timestamp_seconds gauge
backup_last_success_timestamp_seconds 1.7637e+09
`;
}

/** Steps, to give each stage other numbers. */
function etl(steps: number): string {
  const counts = [3, 41, 388, 902, 417, 96, 22, 4, 1].map((count) => count * steps);
  const bounds = ["0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"];
  const buckets = bounds.map((bound, index) => {
    const below = counts.slice(0, index + 1).reduce((sum, count) => sum + count, 0);
    return `etl_batch_duration_seconds_bucket{le="${bound}"} ${below}`;
  });
  const total = counts.reduce((sum, count) => sum + count, 0);
  return `# HELP etl_batch_duration_seconds How long each batch of rows took.
# TYPE etl_batch_duration_seconds histogram
${buckets.join("\n")}
etl_batch_duration_seconds_sum ${total * 0.43}
etl_batch_duration_seconds_count ${total}
# HELP etl_rows_total Rows by what became of them.
# TYPE etl_rows_total counter
etl_rows_total{outcome="written"} ${total * 1_000}
etl_rows_total{outcome="skipped"} ${total * 3}
etl_rows_total{outcome="rejected"} ${steps}
# HELP etl_query_seconds Time the source took to answer.
# TYPE etl_query_seconds summary
etl_query_seconds{source="orders",quantile="0.5"} 0.042
etl_query_seconds{source="orders",quantile="0.9"} 0.118
etl_query_seconds{source="orders",quantile="0.99"} 0.731
etl_query_seconds_sum{source="orders"} ${total * 0.06}
etl_query_seconds_count{source="orders"} ${total}
`;
}

const stepDurations: Message = {
  sample_count: 96,
  sample_sum: 412.7,
  schema: 1,
  zero_threshold: 0.001,
  zero_count: 2,
  positive_span: [
    { offset: -4, length: 3 },
    { offset: 1, length: 8 },
  ],
  positive_delta: [1, 2, 1, 3, 5, 8, -2, -6, -4, -3, -2],
};

/** A native histogram goes as protobuf only. */
const ciBuild = families(
  {
    name: "ci_step_duration_seconds",
    help: "How long the steps of the build took.",
    type: 4,
    metric: [{ label: labels(["step", "test"]), histogram: stepDurations }],
  },
  {
    name: "ci_build_success",
    help: "Whether the build succeeded.",
    type: 1,
    metric: [{ gauge: { value: 1 } }],
  },
);

const longQuery =
  "SELECT region, product_line, SUM(net_amount) FROM sales_facts JOIN calendar USING (day_id) WHERE fiscal_year = 2026 GROUP BY ROLLUP (region, product_line) ORDER BY 3 DESC";

const warehouse = "# TYPE warehouse_query_seconds gauge\nwarehouse_query_seconds 187.4\n";
const vacuum = "# TYPE vacuum_pages_removed_total counter\nvacuum_pages_removed_total 18204\n";
const report =
  "# TYPE report_pages gauge\nreport_pages 214\n# TYPE report_seconds gauge\nreport_seconds 18.2\n";
const invoices =
  '# TYPE invoices_total counter\ninvoices_total{outcome="sent"} 1204\ninvoices_total{outcome="bounced"} 3\n';
const certificate = "# TYPE certificate_days_left gauge\ncertificate_days_left 61\n";
const reindex = "# TYPE reindex_documents gauge\nreindex_documents 4120337\n";
const warmup = "# TYPE cache_warmup_keys gauge\ncache_warmup_keys 83112\n";
const rotate = "# TYPE log_rotate_files gauge\nlog_rotate_files 42\n";

/** The same series two times: refused. */
const twice = "vacuum_pages_removed_total 1\nvacuum_pages_removed_total 2\n";
