import { parseText } from "@pushfleet/exposition";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { type RedisServer, startRedis } from "../support/redis.ts";

// Whatever is sent: no 5xx, and every scrape is an exposition without two samples of one series.

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis[Symbol.asyncDispose]());

const nastyName = fc.constantFrom(
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "job",
  "le",
  "quantile",
  "a",
  "a_count",
  "a_sum",
  "a_bucket",
  "_",
  "9",
  "ä",
  "push_time_seconds",
  "pushfleet_groups",
  "instance",
);
const nastyValue = fc.oneof(
  fc.constantFrom(
    "",
    "a",
    "%FF",
    "%00",
    "%2F",
    "%zz",
    "..",
    ".",
    "a b",
    "%22",
    "%5C",
    "%0A",
    "__proto__",
    "+",
    "=",
  ),
  fc.string({ unit: "binary", maxLength: 6 }).map((text) => encodeURIComponent(text.toWellFormed())),
);
const path = fc
  .array(fc.tuple(nastyName, fc.constantFrom("", "@base64"), nastyValue), { maxLength: 3 })
  .chain((labels) =>
    nastyValue.map(
      (job) =>
        `/metrics/job/${job}${labels.map(([name, suffix, value]) => `/${encodeURIComponent(name)}${suffix}/${value}`).join("")}`,
    ),
  );
const labels = fc.array(fc.tuple(nastyName, fc.constantFrom("", "1", "NaN", "\\n", '\\"', "\\\\")), {
  maxLength: 2,
});
const line = fc.oneof(
  fc
    .tuple(nastyName, labels, fc.constantFrom("1", "NaN", "-Inf", "1e400", "0x1", "", "1 2", "1\r"))
    .map(
      ([name, pairs, value]) =>
        `${name}{${pairs.map(([key, text]) => `${key}="${text}"`).join(",")}} ${value}`,
    ),
  fc
    .tuple(nastyName, fc.constantFrom("counter", "gauge", "histogram", "summary", "untyped", "x"))
    .map(([name, type]) => `# TYPE ${name} ${type}`),
  fc
    .tuple(nastyName, fc.string({ maxLength: 5 }))
    .map(([name, help]) => `# HELP ${name} ${help.replaceAll(/[\n\r]/g, "")}`),
);
const body = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .array(line, { maxLength: 6 })
      .map((lines) => Buffer.from(lines.map((text) => `${text}\n`).join(""))),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)) },
);
const headers = fc.constantFrom<Record<string, string>>(
  {},
  {},
  { "Content-Encoding": "gzip" },
  { "Content-Encoding": "snappy" },
  {
    "Content-Type":
      "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
  },
);
const step = fc.record({ method: fc.constantFrom("PUT", "POST", "POST", "DELETE"), path, body, headers });

describeOn("the embedded store", () => startGateway({ flags: ["--push.enable-utf8-names"] }));
describeOn("Redis", () => startGateway({ redisUrl: redis.url, flags: ["--push.enable-utf8-names"] }));

function describeOn(store: string, start: () => ReturnType<typeof startGateway>): void {
  test(`on ${store}, no sequence of requests breaks an answer or a scrape`, {
    timeout: 240_000,
  }, async () => {
    await using gateway = await start();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
        for (const { method, path, body, headers } of steps) {
          const response = await fetch(gateway.url + path, {
            method,
            headers,
            redirect: "manual",
            ...(method === "DELETE" ? {} : { body }),
          });
          await response.arrayBuffer();
          expect(response.status, `${method} ${path}`).toBeOneOf([200, 202, 400, 404, 413]);
        }
        await expectValidScrape(gateway.url);
      }),
      { numRuns: 400 },
    );
  });
}

async function expectValidScrape(url: string): Promise<void> {
  const response = await fetch(`${url}/metrics`, {
    headers: { Accept: "text/plain; version=0.0.4; escaping=allow-utf-8" },
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  expect(response.status).toBe(200);
  const families = parseText(bytes, { names: "utf8" });
  for (const { name, metrics } of families) {
    const series = metrics.map((metric) =>
      JSON.stringify(metric.labels.filter(([, value]) => value !== "").sort()),
    );
    expect(new Set(series).size, name).toBe(series.length);
  }
}
