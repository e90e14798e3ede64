import { expect, test } from "vitest";
import { createHttpTelemetry } from "./http-telemetry.ts";

const build = { version: "1.2.3", revision: "abc", branch: "main" };

test("upstream's own metrics keep their names, labels and quantiles", async () => {
  const telemetry = createHttpTelemetry(build);
  telemetry.pushMeter("put").observe({ code: 200, seconds: 0.5, bytes: 1000 });
  const text = await telemetry.expose();
  expect(text).toContain('pushgateway_http_requests_total{code="200",handler="push",method="put"} 1');
  expect(text).toContain('pushgateway_http_push_duration_seconds{quantile="0.5",method="put"} 0.5');
  expect(text).toContain('pushgateway_http_push_size_bytes_sum{method="put"} 1000');
});

test("pushes and other requests are counted together, each once however often it is read", async () => {
  const telemetry = createHttpTelemetry(build);
  telemetry.countRequest({ handler: "delete", method: "delete", code: 202 });
  const put = telemetry.pushMeter("put");
  for (const seconds of [1, 2]) {
    put.observe({ code: 200, seconds, bytes: 1 });
    const text = await telemetry.expose();
    expect(text).toContain('pushgateway_http_requests_total{code="202",handler="delete",method="delete"} 1');
    expect(text).toContain(
      `pushgateway_http_requests_total{code="200",handler="push",method="put"} ${seconds}\n`,
    );
    expect(text).toContain(`pushgateway_http_push_duration_seconds_count{method="put"} ${seconds}\n`);
  }
});

test("two telemetries in one process do not mix", async () => {
  const one = createHttpTelemetry(build);
  const other = createHttpTelemetry(build);
  one.countRequest({ handler: "ready", method: "get", code: 200 });
  expect(await other.expose()).not.toContain('handler="ready"');
});
