import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { freePort } from "../support/ports.ts";
import type { HttpServer } from "../support/reference.ts";
import { type AdditionCase, del, post, type Step } from "./case.ts";
import {
  API_TEST_HISTOGRAMS,
  API_TEST_PUSH,
  additionCases,
  NATIVE_PUSH,
  utf8Cases,
} from "./cases/additions.ts";
import { compareExpectation, expectNone, play } from "./compare.ts";
import { createHttpClient } from "./http.ts";
import { PROTOBUF, readFamilies } from "./protobuf.ts";
import { type ComparedServer, createComparedServer } from "./server.ts";
import { STORES, startTarget } from "./targets.ts";

/** The histograms of a family alone, without labels. */
function histograms(family: unknown): unknown[] {
  const { metric } = family as { metric: readonly string[] };
  return metric.map((text) => JSON.parse(text).histogram);
}

async function expectCase(server: ComparedServer, { steps, expected }: AdditionCase): Promise<void> {
  await server.wipe();
  const outcome = await play(server, steps);
  expectNone(compareExpectation(expected, outcome));
}

describe.each(STORES)("what Pushgateway 1.6 to 1.11 added, on the %s store", (store) => {
  let gateway: HttpServer;
  let server: ComparedServer;
  beforeAll(async () => {
    gateway = await startTarget(store, ["--web.enable-admin-api"]);
    server = createComparedServer({ name: store, url: gateway.url, queues: false });
  });
  afterAll(() => gateway?.[Symbol.asyncDispose]());

  it.each(additionCases)("$name", (one) => expectCase(server, one));

  it("shows histograms in the API as upstream's api_test.go expects", async () => {
    await server.wipe();
    expect((await server.send(API_TEST_PUSH)).status).toBe(200);
    const answer = await server.send({ method: "GET", path: "/api/v1/metrics" });
    const { data } = JSON.parse(answer.body.toString());
    expect(data).toHaveLength(1);
    const [group] = data;
    expect(group.labels).toEqual({ instance: `inst'a"n\\ce1`, job: "Björn" });
    expect(group.last_push_successful).toBe(true);
    expect(group.mf1.type).toBe("SUMMARY");
    expect(group.mf1.metrics).toEqual([{ count: "0", labels: group.labels, quantiles: {}, sum: "0" }]);
    expect(group.mfh.type).toBe("HISTOGRAM");
    expect(group.mfh.help).toBeUndefined();
    expect(group.mfh.metrics).toIncludeSameMembers(API_TEST_HISTOGRAMS);
    expect(group.push_failure_time_seconds).toMatchObject({
      type: "GAUGE",
      help: "Last Unix time when changing this group in the Pushgateway failed.",
      metrics: [{ labels: group.labels, value: "0" }],
    });
    expect(group.push_time_seconds.metrics[0].value).toMatch(/^1\.\d+e\+09$/);
    expect(Math.abs(Date.parse(group.mfh.time_stamp) - Date.now())).toBeLessThan(60_000);
  });

  it("gives native histograms to a protobuf scrape as they were pushed", async () => {
    await server.wipe();
    await server.send(NATIVE_PUSH);
    const pushed = readFamilies(Buffer.from(NATIVE_PUSH.body ?? ""));
    for (const gzip of [false, true]) {
      const headers = { Accept: PROTOBUF, ...(gzip ? { "Accept-Encoding": "gzip" } : {}) };
      const scrape = await server.send({ method: "GET", path: "/metrics", headers });
      const scraped = readFamilies(gzip ? gunzipSync(scrape.body) : scrape.body);
      for (const name of ["h", "f"])
        expect(histograms(scraped.get(name))).toEqual(histograms(pushed.get(name)));
      expect(JSON.stringify(scraped.get("h"))).toContain(
        JSON.stringify('{"name":["job"],"value":["a"]}').slice(1, -1),
      );
    }
  });

  it("answers a protobuf scrape with the type asked for", async () => {
    const answer = await server.send({
      method: "GET",
      path: "/metrics",
      headers: { Accept: `${PROTOBUF}; escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.4,*/*;q=0.1` },
    });
    expect(answer.headers.get("content-type")).toMatch(/^application\/vnd\.google\.protobuf; /);
    expect(answer.headers.get("content-type")).toContain("encoding=delimited");
    expect(answer.headers.get("content-type")).toContain("escaping=allow-utf-8");
  });

  it("says in the type of a text scrape how names are escaped", async () => {
    const type = async (accept: string) =>
      (await server.send({ method: "GET", path: "/metrics", headers: { Accept: accept } })).headers.get(
        "content-type",
      );
    const text = "text/plain; version=0.0.4; charset=utf-8; escaping=";
    expect(await type("*/*")).toBe(`${text}underscores`);
    for (const escaping of ["underscores", "dots", "values", "allow-utf-8"]) {
      expect(await type(`text/plain; version=0.0.4; escaping=${escaping}`)).toBe(text + escaping);
    }
    expect(await type("application/openmetrics-text; version=1.0.0")).toBe(`${text}underscores`);
  });
});

describe.each(STORES)("UTF-8 names, on the %s store", (store) => {
  let gateway: HttpServer;
  let server: ComparedServer;
  beforeAll(async () => {
    gateway = await startTarget(store, ["--web.enable-admin-api", "--push.enable-utf8-names"]);
    server = createComparedServer({ name: store, url: gateway.url, queues: false });
  });
  afterAll(() => gateway?.[Symbol.asyncDispose]());

  it.each(utf8Cases)("$name", (one) => expectCase(server, one));

  it("survive a protobuf scrape", async () => {
    await server.wipe();
    await server.send({
      method: "POST",
      path: "/metrics/job/a",
      body: '# TYPE "dotted.name" gauge\n{"dotted.name","label.name"="v"} 1\n',
    });
    const scrape = async (escaping: string) => {
      const answer = await server.send({
        method: "GET",
        path: "/metrics",
        headers: { Accept: `${PROTOBUF}; escaping=${escaping}` },
      });
      return readFamilies(answer.body);
    };
    expect(JSON.stringify((await scrape("allow-utf-8")).get("dotted.name"))).toContain("label.name");
    expect(JSON.stringify((await scrape("values")).get("U__dotted_2e_name"))).toContain("U__label_2e_name");
    expect(JSON.stringify((await scrape("underscores")).get("dotted_name"))).toContain("label_name");
  });
});

describe("flags that change the answers", () => {
  it("checks disabled: pushes answer 202, timestamps are dropped without a word", async () => {
    await using gateway = await startTarget("embedded", ["--push.disable-consistency-check"]);
    using client = createHttpClient(gateway.url);
    const push = (body: string) => client.send({ method: "POST", path: "/metrics/job/a", body });
    expect((await push("m 1\n")).status).toBe(202);
    expect((await push("m 2 1000\n")).status).toBe(202);
    expect((await push("junk\n")).status).toBe(400);
    const scrape = await client.send({ method: "GET", path: "/metrics" });
    expect(scrape.body.toString()).toContain('\nm{instance="",job="a"} 1\n');
    expect(scrape.body.toString()).toMatch(/push_failure_time_seconds\{instance="",job="a"\} 1\.\d+e\+09\n/);
  });

  it("lifecycle enabled: quit says goodbye and ends the process", async () => {
    await using gateway = await startTarget("embedded", ["--web.enable-lifecycle"]);
    using client = createHttpClient(gateway.url);
    const answer = await client.send({ method: "PUT", path: "/-/quit" });
    expect(answer.status).toBe(200);
    expect(answer.body.toString()).toBe("Requesting termination... Goodbye!");
    expect(await gateway.process.exited).toBe(0);
  });

  it.each([
    ["--web.route-prefix=/foo", "/foo"],
    ["--web.route-prefix=foo/", "/foo"],
    ["--web.route-prefix=/", ""],
    ["--web.external-url=http://proxy.example/bar", "/bar"],
  ])("%s moves every route", async (flag, prefix) => {
    await using gateway = await startGateway({ flags: [flag], readyPath: `${prefix}/-/ready` });
    using client = createHttpClient(gateway.url);
    const push = await client.send({ method: "PUT", path: `${prefix}/metrics/job/a`, body: "m 1\n" });
    expect(push.status).toBe(200);
    const scrape = await client.send({ method: "GET", path: `${prefix}/metrics` });
    expect(scrape.body.toString()).toContain('m{instance="",job="a"} 1\n');
    if (prefix === "") return;
    expect((await client.send({ method: "GET", path: "/metrics" })).status).toBe(404);
    expect((await client.send({ method: "GET", path: "/-/quit" })).status).toBe(405);
  });

  it("--web.telemetry-path moves the scrape only", async () => {
    await using gateway = await startTarget("embedded", ["--web.telemetry-path=/elsewhere"]);
    using client = createHttpClient(gateway.url);
    expect((await client.send({ method: "PUT", path: "/metrics/job/a", body: "m 1\n" })).status).toBe(200);
    expect((await client.send({ method: "GET", path: "/metrics" })).status).toBe(404);
    expect((await client.send({ method: "GET", path: "/elsewhere" })).body.toString()).toContain("m{");
  });

  it("shows the flags in the status API", async () => {
    await using gateway = await startTarget("embedded", ["--web.enable-admin-api", "--log.level=warn"]);
    using client = createHttpClient(gateway.url);
    const { status, data } = JSON.parse(
      (await client.send({ method: "GET", path: "/api/v1/status" })).body.toString(),
    );
    expect(status).toBe("success");
    expect(data.flags).toMatchObject({
      "web.enable-admin-api": "true",
      "log.level": "warn",
      "web.telemetry-path": "/metrics",
    });
    expect(Object.keys(data.build_information)).toIncludeSameMembers([
      "branch",
      "buildDate",
      "buildUser",
      "goVersion",
      "revision",
      "version",
    ]);
    expect(Math.abs(Date.parse(data.start_time) - Date.now())).toBeLessThan(60_000);
  });

  it("a persistence file brings everything back after a restart, deletes too", async () => {
    const directory = await mkdtemp(join(tmpdir(), "pushfleet-conformance-"));
    try {
      const flags = [`--persistence.file=${join(directory, "groups")}`, "--web.enable-admin-api"];
      const run = async (steps: readonly Step[]) => {
        await using gateway = await startGateway({ flags });
        using server = createComparedServer({ name: "embedded", url: gateway.url, queues: false });
        const outcome = await play(server, steps);
        expect(await gateway.process.stop("SIGTERM")).toBe(0);
        return outcome;
      };
      const before = await run([
        post("/job/job1/instance/1", "# HELP m Help.\n# TYPE m gauge\nm -3e3\n"),
        post("/job/job1/instance/2", API_TEST_PUSH.body, { headers: { "Content-Type": PROTOBUF } }),
        post("/job/job5", "# TYPE s summary\ns_sum 0\ns_count 0\n"),
        post("/job/failed", "m 1 1000\n"),
        post("/job/gone", "m 1\n"),
        del("/job/gone"),
      ]);
      const after = await run([]);
      expect(after.observation).toEqual(before.observation);
      expect(after.observation.groups.size).toBe(4);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it("without a persistence file a restart starts empty", async () => {
    const port = await freePort();
    for (const statuses of [[200], []]) {
      await using gateway = await startGateway({ port });
      using server = createComparedServer({ name: "embedded", url: gateway.url, queues: false });
      expect((await server.observe()).groups.size).toBe(0);
      const { answers } = await play(server, statuses.length === 0 ? [] : [post("/job/a", "m 1\n")]);
      expect(answers.map(({ status }) => status)).toEqual(statuses);
    }
  });

  it("refuses the wipe without the admin API", async () => {
    await using gateway = await startTarget("embedded");
    using client = createHttpClient(gateway.url);
    const answer = await client.send({ method: "PUT", path: "/api/v1/admin/wipe" });
    expect(answer.status).toBe(404);
    expect(answer.body.toString()).toBe("404 page not found\n");
  });
});
