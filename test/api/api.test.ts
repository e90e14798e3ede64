import { createConfig, lintFromString } from "@redocly/openapi-core";
import { describe, expect, test } from "vitest";
import { startApi, stores } from "./client.ts";
import { descriptionText } from "./description.ts";

test("the description of the API passes a linter", async () => {
  // Some endpoints take nothing that could be wrong.
  const config = await createConfig({ extends: ["recommended"], rules: { "operation-4xx-response": "off" } });
  const problems = await lintFromString({ source: descriptionText, config });
  expect(problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toBeEmpty();
});

describe.each(stores)("on the %s store", (store) => {
  const start = () => startApi(store);

  test("groups are filtered, sorted and paged", async () => {
    await using api = await start();
    await api.push("etl-a/instance/one?ttl=1h", "m 1\n");
    await api.push("etl-b/instance/Two", "m 1\nn 2\n");
    await api.push("backup", '# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n');
    await api.push("refused", "ok 1\n");
    expect(await api.push("refused", "m 1\nm 2\n")).toBe(400);

    expect(await api.jobsOf({})).toEqual(["refused", "backup", "etl-b", "etl-a"]);
    expect(await api.jobsOf({ order: "asc" })).toEqual(["etl-a", "etl-b", "backup", "refused"]);
    expect(await api.jobsOf({ sort: "job" })).toEqual(["backup", "etl-a", "etl-b", "refused"]);
    expect(await api.jobsOf({ sort: "series", limit: "2" })).toEqual(["backup", "etl-b"]);
    expect(await api.jobsOf({ sort: "expiry", limit: "1" })).toEqual(["etl-a"]);
    expect(await api.jobsOf({ sort: "failure", limit: "1" })).toEqual(["refused"]);
    expect(await api.jobsOf({ failed: "true" })).toEqual(["refused"]);
    expect(await api.jobsOf({ expiring: "2h" })).toEqual(["etl-a"]);
    expect(await api.jobsOf({ expiring: "10m" })).toEqual([]);
    expect(await api.jobsOf({ stale: "1h" })).toEqual([]);
    expect(await api.jobsOf({ stale: "0" })).toHaveLength(4);
    expect(await api.jobsOf({ search: "INSTANCE=two" })).toEqual(["etl-b"]);
    expect(await api.jobsOf({ search: "etl two" })).toEqual(["etl-b"]);
    expect(await api.jobsOf({ "match[]": '{job=~"etl-.*",instance!="one"}' })).toEqual(["etl-b"]);
    expect(await api.jobsOf({ "match[]": ['{job="backup"}', '{instance="one"}'] })).toEqual([
      "backup",
      "etl-a",
    ]);

    const first = await api.ask("/groups", { limit: "3" });
    expect(first.data).toMatchObject({ matched: 4, total: 4, view_age_seconds: 0 });
    const second = await api.ask("/groups", { limit: "3", cursor: first.data.next_cursor });
    expect(second.data.groups).toHaveLength(1);
    expect(second.data.next_cursor).toBeNull();
  });

  test("labels of any length do not stop paging", async () => {
    await using api = await start();
    // The same for longer than a cursor remembers, and of what JSON makes most characters of.
    const jobs = ["a", "b", "c"].map((end) => "\u0001".repeat(2_000) + end);
    for (const job of jobs) {
      const path = `/metrics/job@base64/${Buffer.from(job).toString("base64url")}`;
      await fetch(api.url + path, { method: "PUT", body: "m 1\n" });
    }
    for (const route of ["/groups", "/jobs"]) {
      const seen = new Set<string>();
      for (let cursor: string | null = ""; cursor !== null; ) {
        const { data } = await api.ask(route, { limit: "1", sort: "job", cursor });
        for (const { job } of data.jobs ?? data.groups.map(({ labels }) => labels)) seen.add(job);
        cursor = data.next_cursor;
      }
      expect([...seen]).toIncludeSameMembers(jobs);
    }
  });

  test("one group is shown with its metrics and the path that it is pushed by", async () => {
    await using api = await start();
    await api.push("a/dir@base64/L3RtcA?ttl=1h", '# HELP m Of it.\n# TYPE m gauge\nm{x="1"} 7\n');
    const [listed] = (await api.ask("/groups")).data.groups;
    const path = `/groups/${listed?.id}`;
    const { data } = await api.ask("/groups/{id}", {}, { path });
    expect(data).toMatchObject({
      labels: { job: "a", dir: "/tmp" },
      series: 1,
      push_path: "/metrics/job/a/dir@base64/L3RtcA",
      metrics: [{ name: "m", type: "GAUGE", help: "Of it.", metrics: [{ value: "7" }] }],
    });
    expect(data.remaining_ttl_seconds).toBeWithin(3_500, 3_600.1);
    await fetch(api.url + data.push_path, { method: "DELETE" });
    const gone = await api.ask("/groups/{id}", {}, { path });
    expect(gone.status).toBe(404);
  });

  test("jobs are rolled up, filtered, sorted and paged", async () => {
    await using api = await start();
    await api.push("a/instance/1", "m 1\n");
    await api.push("a/instance/2", "m 1\n");
    await api.push("b", "m 1\nn 1\no 1\n");
    await api.push("b", "m 1\nm 2\n");
    const names = async (query: Readonly<Record<string, string>>) =>
      (await api.ask("/jobs", query)).data.jobs.map(({ job }) => job);
    expect((await api.ask("/jobs")).data.jobs).toMatchObject([
      { job: "a", groups: 2, series: 2, failing: 0 },
      { job: "b", groups: 1, series: 3, failing: 1 },
    ]);
    expect(await names({ sort: "series" })).toEqual(["b", "a"]);
    expect(await names({ failing: "true" })).toEqual(["b"]);
    expect(await names({ search: "A" })).toEqual(["a"]);
    const { data } = await api.ask("/jobs", { limit: "1" });
    expect(await names({ limit: "1", cursor: data.next_cursor })).toEqual(["b"]);
  });

  test("groups are deleted by selectors, after a count that deletes nothing", async () => {
    await using api = await start();
    for (const path of ["etl/instance/1", "etl/instance/2", "other"]) await api.push(path, "m 1\n");
    const query = { "match[]": '{job="etl"}' };
    const remove = (more: Readonly<Record<string, string>>) =>
      api.ask("/groups", { ...query, ...more }, { method: "delete" });
    expect((await remove({ dry_run: "true" })).data).toEqual({ matched: 2, deleted: 0, dry_run: true });
    expect(await remove({ max: "1" })).toMatchObject({ status: 409 });
    expect(await api.jobsOf({})).toHaveLength(3);
    expect((await remove({})).data).toEqual({ matched: 2, deleted: 2, dry_run: false });
    expect(await api.jobsOf({})).toEqual(["other"]);
  });

  test("DELETE with scope=all deletes every group that has the labels of the path, the plain form only the one", async () => {
    await using api = await start();
    for (const path of ["a/instance/1", "a/instance/1/shard/x", "a/instance/2", "a", "b/instance/1"])
      await api.push(path, "m 1\n");
    const remove = async (path: string) =>
      (await fetch(`${api.url}/metrics/job/${path}`, { method: "DELETE" })).status;
    const left = async () => (await api.ask("/groups")).data.total;
    expect(await remove("a?scope=none")).toBe(400);
    expect(await remove("a?scope=all&max=2")).toBe(409);
    expect(await left()).toBe(5);
    expect(await remove("a")).toBe(202);
    expect(await left()).toBe(4);
    expect(await remove("a/instance/1?scope=all")).toBe(202);
    expect(await left()).toBe(2);
    expect(await remove("a?scope=all")).toBe(202);
    expect(await api.jobsOf({})).toEqual(["b"]);
  });

  test("DELETE with a scope or a body that cannot be used deletes nothing", async () => {
    await using api = await start();
    await api.push("a/instance/1", "m 1\n");
    for (const query of [
      "scope=",
      "scope=none",
      "scope=all&scope=all",
      "scope=all&max=0",
      "scope=all&Max=1",
    ]) {
      const { status } = await fetch(`${api.url}/metrics/job/a?${query}`, { method: "DELETE" });
      expect(status, query).toBe(400);
    }
    const body = "max=1";
    expect((await fetch(`${api.url}/metrics/job/a?scope=all`, { method: "DELETE", body })).status).toBe(400);
    expect(await api.jobsOf({})).toEqual(["a"]);
  });

  test("upstream's endpoints answer as described", async () => {
    await using api = await start();
    await api.push("a?ttl=1h", "m 1\n");
    expect((await api.ask("/metrics")).data).toHaveLength(1);
    expect((await api.ask("/status")).data.flags).toHaveProperty("push.ttl");
  });

  test("followers are told what is pushed, deleted and expires", async () => {
    await using api = await start();
    await api.push("before", "m 1\n");
    const stop = new AbortController();
    const answer = await fetch(`${api.url}/api/v1/events`, { signal: stop.signal });
    expect(answer.headers.get("content-type")).toBe("text/event-stream");
    const events = eventsOf(answer);
    expect(await events.next()).toMatchObject({ value: { changed: [], removed: [] } });
    await api.push("new?ttl=1500ms", "m 1\n");
    expect(await events.next()).toMatchObject({ value: { changed: [expect.any(String)], removed: [] } });
    await fetch(`${api.url}/metrics/job/before`, { method: "DELETE" });
    const removed: string[] = [];
    while (removed.length < 2) removed.push(...((await events.next()).value?.removed ?? []));
    expect(new Set(removed).size).toBe(2);
    stop.abort();
  });
});

interface GroupsChanged {
  readonly changed: readonly string[] | null;
  readonly removed: readonly string[] | null;
}

/** The data of the events `change`. */
async function* eventsOf(answer: Response): AsyncGenerator<GroupsChanged, undefined> {
  let text = "";
  for await (const chunk of answer.body ?? []) {
    text += Buffer.from(chunk).toString();
    for (let end = text.indexOf("\n\n"); end !== -1; end = text.indexOf("\n\n")) {
      const data = /^event: change\ndata: (.*)$/m.exec(text.slice(0, end))?.[1];
      text = text.slice(end + 2);
      if (data !== undefined) yield JSON.parse(data);
    }
  }
}

test("without its store, lists tell of the last state for as long as it may be old, and nothing is deleted", async () => {
  await using api = await startApi("redis", { flags: ["--scrape.max-staleness=3s", "--push.timeout=1s"] });
  await api.push("a", "m 1\n");
  const [group] = (await api.ask("/groups")).data.groups;
  await api.redis?.kill();
  const old = await api.ask("/groups");
  expect(old.data).toMatchObject({ matched: 1, view_age_seconds: expect.toSatisfy((age) => age > 0) });
  const remove = { "match[]": '{job="a"}' };
  expect(await api.ask("/groups", remove, { method: "delete" })).toMatchObject({ status: 503 });
  const deadline = Date.now() + 10_000;
  while ((await api.ask("/groups")).status !== 503) expect(Date.now()).toBeLessThan(deadline);
  for (const [route, path] of [["/jobs"], ["/groups/{id}", `/groups/${group?.id}`], ["/metrics"]])
    expect((await api.ask(route ?? "", {}, path === undefined ? {} : { path })).status, route).toBe(503);
  const answer = await fetch(`${api.url}/api/v1/groups`);
  expect(answer.headers.get("retry-after")).toBe("1");
});

test("a replica with as many followers as it takes refuses others", async () => {
  await using api = await startApi("embedded", { flags: ["--web.max-event-clients=1"] });
  const stop = new AbortController();
  await fetch(`${api.url}/api/v1/events`, { signal: stop.signal });
  const { status, error } = await api.ask("/events");
  expect(status).toBe(503);
  expect(error).toInclude("--web.max-event-clients");
  stop.abort();
});
