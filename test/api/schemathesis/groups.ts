import { FAMILY_TYPE, families, PROTOBUF } from "../../conformance/protobuf.ts";

interface Push {
  /** What follows `/metrics/job/`. */
  readonly path: string;
  readonly body: string | Buffer<ArrayBuffer>;
  readonly contentType?: string;
}

const classic = `# TYPE h histogram
h_bucket{le="0.5"} 1
h_bucket{le="+Inf"} 2
h_sum 3
h_count 2
# TYPE s summary
s{quantile="0.5"} NaN
s_sum -Inf
s_count 0
`;

const native = Buffer.from(
  families({
    name: "native",
    type: FAMILY_TYPE.histogram,
    metric: [
      {
        histogram: {
          sample_count: 3,
          sample_sum: 4.5,
          schema: 1,
          zero_threshold: 0.001,
          zero_count: 1,
          positive_span: [{ offset: 0, length: 2 }],
          positive_delta: [1, 0],
        },
      },
    ],
  }),
);

const base64 = (text: string) => Buffer.from(text).toString("base64url");

/** Groups of every kind that an answer can tell of, and enough of them for several pages. */
const pushes: readonly Push[] = [
  { path: "etl", body: "# HELP m Of it.\n# TYPE m gauge\nm 1\n" },
  { path: "etl/instance/a?ttl=1h", body: '# TYPE c counter\nc_total{x="1"} 1e300\nc_total{x="2"} +Inf\n' },
  { path: "backup/instance/b?ttl=30s", body: classic },
  { path: "backup/instance/short?ttl=1s", body: "m 1\n" },
  { path: "native", body: native, contentType: PROTOBUF },
  { path: `path/dir@base64/${base64('/var/tmp\n\u0001"\\')}`, body: "m 1\n" },
  { path: `Gr%C3%B6%C3%9Fe/instance/${"long".repeat(500)}`, body: "m 1\n" },
  { path: `${"job".repeat(200)}/kind/long`, body: "m 1\n" },
  { path: "empty", body: "" },
  // Refused: its last push, and the only one.
  { path: "etl/instance/a", body: "m 1\nm 2\n" },
  { path: "never", body: "m 1\nm 2\n" },
  ...Array.from({ length: 120 }, (_, i) => ({
    path: `bulk-${i % 110}/kind/bulk/instance/${i}`,
    body: `m ${i}\n`,
  })),
];

/** Pushes the groups, and until it is disposed of again and again, because among the requests of the run are deletions. */
export async function keepPushing(gatewayUrl: string): Promise<AsyncDisposable> {
  await pushAll(gatewayUrl);
  let isOver = false;
  const pushing = (async () => {
    while (!isOver) await pushAll(gatewayUrl);
  })();
  return {
    async [Symbol.asyncDispose]() {
      isOver = true;
      await pushing;
    },
  };
}

async function pushAll(gatewayUrl: string): Promise<void> {
  for (const { path, body, contentType } of pushes) {
    const answer = await fetch(`${gatewayUrl}/metrics/job/${path}`, {
      method: "PUT",
      body,
      ...(contentType === undefined ? {} : { headers: { "Content-Type": contentType } }),
    });
    if (answer.status !== 200 && answer.status !== 400)
      throw new Error(`pushing ${path}: ${answer.status} ${await answer.text()}`);
  }
}
