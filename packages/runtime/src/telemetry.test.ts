import { expect, test } from "vitest";
import { createTelemetry } from "./telemetry.ts";

const build = { version: "1.2.3", revision: "abc", branch: "main" };

test("upstream's own metrics keep their names, labels and quantiles", async () => {
  const telemetry = createTelemetry(build);
  telemetry.pushMeter("put").observe({ code: 200, seconds: 0.5, bytes: 1000 });
  const text = await telemetry.expose();
  expect(text).toContain('pushgateway_http_requests_total{code="200",handler="push",method="put"} 1');
  expect(text).toContain('pushgateway_http_push_duration_seconds{quantile="0.5",method="put"} 0.5');
  expect(text).toContain('pushgateway_http_push_size_bytes_sum{method="put"} 1000');
  expect(text).toMatch(/pushgateway_build_info\{version="1\.2\.3",revision="abc",branch="main",goarch=/);
});

test("every other family of ours is named pushfleet_", async () => {
  const text = await createTelemetry(build).expose();
  const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1]);
  expect(names.length).toBeGreaterThan(10);
  for (const name of names) expect(name).toMatch(/^(pushfleet_|pushgateway_)/);
});

test("a gauge is read when the telemetry is", async () => {
  const telemetry = createTelemetry(build);
  let groups = 1;
  telemetry.gauge("pushfleet_groups", "Groups.", () => groups);
  groups = 7;
  expect(await telemetry.expose()).toContain("\npushfleet_groups 7\n");
});

test("two telemetries in one process do not mix", async () => {
  const one = createTelemetry(build);
  const other = createTelemetry(build);
  one.countRequest({ handler: "ready", method: "get", code: 200 });
  expect(await other.expose()).not.toContain('handler="ready"');
});
