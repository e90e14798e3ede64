import { expect, test } from "vitest";
import { createHttpTelemetry } from "./http-telemetry.ts";
import { createTelemetry } from "./telemetry.ts";

const build = { version: "1.2.3", revision: "abc", branch: "main" };

test("the build is told with upstream's labels", async () => {
  const text = await createTelemetry(build).expose();
  expect(text).toMatch(/pushgateway_build_info\{version="1\.2\.3",revision="abc",branch="main",goarch=/);
});

test.each([
  ["any process", createTelemetry],
  ["a process that takes pushes", createHttpTelemetry],
])("of %s every other family is named pushfleet_", async (_, create) => {
  const text = await create(build).expose();
  const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1]);
  expect(names.length).toBeGreaterThan(10);
  for (const name of names) expect(name).toMatch(/^(pushfleet_|pushgateway_)/);
});

test("a process that takes no pushes says nothing of pushes", async () => {
  expect(await createTelemetry(build).expose()).not.toContain("http");
});

test("a gauge is read when the telemetry is", async () => {
  const telemetry = createTelemetry(build);
  let groups = 1;
  telemetry.gauge("pushfleet_groups", "Groups.", () => groups);
  groups = 7;
  expect(await telemetry.expose()).toContain("\npushfleet_groups 7\n");
});
