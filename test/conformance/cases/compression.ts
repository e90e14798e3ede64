import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { type ConformanceCase, post } from "../case.ts";
import { FAMILY_TYPE, family, PROTOBUF } from "../protobuf.ts";

const BODY = Buffer.from("m 1\n");
const encoded = (name: string, encoding: string, body: Uint8Array, type = "text/plain"): ConformanceCase => ({
  name,
  steps: [post("/job/a", body, { headers: { "Content-Encoding": encoding, "Content-Type": type } })],
});

export const compressionCases: readonly ConformanceCase[] = [
  encoded("gzip", "gzip", gzipSync(BODY)),
  encoded(
    "gzip of protobuf",
    "gzip",
    gzipSync(family({ name: "m", type: FAMILY_TYPE.gauge, metric: { gauge: { value: 1 } } })),
    PROTOBUF,
  ),
  encoded("gzip of nothing", "gzip", gzipSync("")),
  encoded("gzip of junk", "gzip", gzipSync("junk\n")),
  encoded("two gzip members", "gzip", Buffer.concat([gzipSync("m 1\n"), gzipSync("n 2\n")])),
  encoded("gzip that is not gzip", "gzip", Buffer.from("m 1\nn 2\no 3\np 4\n")),
  encoded("gzip that breaks off", "gzip", gzipSync("m 1\nn 2\no 3\n").subarray(0, 20)),
  ...[BODY, Buffer.alloc(0)].map(
    (body): ConformanceCase => ({
      name: `gzip of ${body.length} bytes is none`,
      steps: [post("/job/a", body, { headers: { "Content-Encoding": "gzip" } })],
      difference: { id: "error-texts", ours: { statuses: [400], groups: [] } },
    }),
  ),
  encoded("identity", "identity", BODY),
  encoded("an unknown encoding is taken as it is", "br", BODY),
  encoded("deflate is not decoded", "deflate", deflateSync(BODY)),
  encoded("zstd is not decoded", "zstd", zstdCompressSync(BODY)),
];
