import { request } from "node:http";
import { expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";

async function get(url: string, init?: RequestInit) {
  const response = await fetch(url, { redirect: "manual", ...init });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

test("everything is served under a route prefix, and nothing beside it", async () => {
  await using gateway = await startGateway({ flags: ["--web.route-prefix=/pg"], readyPath: "/pg/-/ready" });
  const at = (path: string) => `${gateway.url}${path}`;
  expect(await get(at("/pg/metrics/job/a"), { method: "PUT", body: "m 1\n" })).toMatchObject({ status: 200 });
  expect((await get(at("/pg/metrics"))).text).toInclude('m{instance="",job="a"} 1');
  for (const path of [
    "/pg/-/healthy",
    "/pg/-/ready",
    "/pg/api/v1/status",
    "/pg/api/v1/metrics",
    "/pg/",
    "/pg/status",
  ]) {
    expect((await get(at(path))).status, path).toBe(200);
  }
  for (const path of ["/metrics", "/-/healthy", "/api/v1/status"])
    expect((await get(at(path))).status, path).toBe(404);
  expect(await get(at("/-/quit"))).toMatchObject({ status: 405, text: "Only POST or PUT requests allowed." });
});

test("the path of the external URL is the default route prefix", async () => {
  const flags = ["--web.external-url=https://example.com/gw/"];
  await using gateway = await startGateway({ flags, readyPath: "/gw/-/ready" });
  expect((await get(`${gateway.url}/gw/metrics`)).status).toBe(200);
});

test("the telemetry path moves the scrape only", async () => {
  await using gateway = await startGateway({ flags: ["--web.telemetry-path=/scrape"] });
  expect((await get(`${gateway.url}/metrics/job/a`, { method: "PUT", body: "m 1\n" })).status).toBe(200);
  expect((await get(`${gateway.url}/scrape`)).text).toInclude('m{instance="",job="a"} 1');
  expect((await get(`${gateway.url}/metrics`)).status).toBe(404);
});

test("the gateway's own metrics are on /-/metrics, and on /metrics of the embedded store too", async () => {
  await using gateway = await startGateway();
  for (const path of ["/-/metrics", "/metrics"]) {
    const { text } = await get(gateway.url + path);
    expect(text, path).toInclude("pushgateway_build_info{");
    expect(text, path).toInclude('pushgateway_http_requests_total{code="200",handler="ready",method="get"}');
  }
});

test("a push is never redirected, however many slashes it has", async () => {
  await using gateway = await startGateway();
  for (const path of [
    "//metrics/job/a",
    "/metrics//job/b",
    "/metrics/job/c/",
    "/metrics/job/d/instance//x/y",
  ]) {
    const { hostname, port } = new URL(gateway.url);
    const status = await new Promise((resolve, reject) => {
      const push = request({ hostname, port, path, method: "PUT" }, (response) =>
        resolve(response.resume().statusCode),
      );
      push.on("error", reject);
      push.end("m 1\n");
    });
    expect(status, path).toBe(200);
  }
  const { text } = await get(`${gateway.url}/metrics`);
  expect(text.match(/^m\{.*$/gm)).toEqual([
    'm{instance="",job="a"} 1',
    'm{instance="",job="b"} 1',
    'm{instance="",job="c"} 1',
    'm{instance="",job="d",x="y"} 1',
  ]);
});

test("disabling the consistency check answers 202 and still keeps the scrape valid", async () => {
  await using gateway = await startGateway({ flags: ["--push.disable-consistency-check"] });
  const push = (job: string, body: string) =>
    get(`${gateway.url}/metrics/job/${job}`, { method: "POST", body });
  expect((await push("a", "# TYPE m counter\nm 1\n")).status).toBe(202);
  expect((await push("b", "# TYPE m gauge\nm 1\n")).status).toBe(202);
  const { text } = await get(`${gateway.url}/metrics`);
  expect(text).toMatch(/push_failure_time_seconds\{instance="",job="b"\} 1\.\d+e\+09/);
  expect(text).not.toInclude('m{instance="",job="b"}');
});

test("the wipe is there only when the admin API is on", async () => {
  await using plain = await startGateway();
  expect(await get(`${plain.url}/api/v1/admin/wipe`, { method: "PUT" })).toMatchObject({ status: 404 });
  await using admin = await startGateway({ flags: ["--web.enable-admin-api"] });
  await get(`${admin.url}/metrics/job/a`, { method: "PUT", body: "m 1\n" });
  expect(await get(`${admin.url}/api/v1/admin/wipe`, { method: "PUT" })).toMatchObject({
    status: 202,
    text: "",
  });
  expect((await get(`${admin.url}/api/v1/metrics`)).text).toBe('{"status":"success","data":[]}');
  expect((await get(`${admin.url}/api/v1/admin/wipe`, { method: "POST" })).status).toBe(405);
});

test("the status API shows the flags as given, and no password", async () => {
  await using gateway = await startGateway({ flags: ["--log.level=warn"] });
  const { data } = JSON.parse((await get(`${gateway.url}/api/v1/status`)).text);
  expect(data.flags).toMatchObject({ "log.level": "warn", "persistence.interval": "5m", "redis.url": "" });
  expect(Object.keys(data.build_information).sort()).toEqual([
    "branch",
    "buildDate",
    "buildUser",
    "goVersion",
    "revision",
    "version",
  ]);
  expect(Date.parse(data.start_time)).toBeWithin(Date.now() - 60_000, Date.now() + 1);
});
