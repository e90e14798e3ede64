import { groupOf } from "@pushfleet/groups";
import { describe, expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { startRedis } from "../support/redis.ts";
import { rules, rulesFile, type TokenOwner, tokens } from "./rules.ts";

describe.each(["embedded", "redis"] as const)("on the %s store", (kind) => {
  async function start() {
    await using started = new AsyncDisposableStack();
    const file = started.use(await rulesFile());
    const redis = kind === "redis" ? started.use(await startRedis()) : undefined;
    const gateway = started.use(
      await startGateway({
        ...(redis === undefined ? {} : { redisUrl: redis.url }),
        flags: [`--config.file=${file.path}`, "--web.enable-lifecycle"],
      }),
    );
    const ask = async (owner: TokenOwner | null, method: string, path: string, body?: string) => {
      const answer = await fetch(gateway.url + path, {
        method,
        headers: owner === null ? {} : { authorization: `Bearer ${tokens[owner]}` },
        ...(body === undefined ? {} : { body }),
      });
      return { status: answer.status, text: await answer.text(), headers: answer.headers };
    };
    for (const job of ["a-1", "a-2", "b-1"]) await ask("ops", "PUT", `/metrics/job/${job}`, "m 1\n");
    const all = started.move();
    return { ...gateway, file, ask, [Symbol.asyncDispose]: () => all.disposeAsync() };
  }

  const jobsIn = (text: string) =>
    [...new Set([...text.matchAll(/"?job"?[=:] ?"([ab]-\d)"/g)].map(([, job]) => job))].sort();

  test("who may see some groups only sees these everywhere", async () => {
    await using gateway = await start();
    const { ask } = gateway;
    for (const path of ["/metrics", "/api/v1/metrics", "/api/v1/groups", "/api/v1/jobs"]) {
      expect(jobsIn((await ask("team-a", "GET", path)).text), path).toEqual(["a-1", "a-2"]);
      expect(jobsIn((await ask("ops", "GET", path)).text), path).toEqual(["a-1", "a-2", "b-1"]);
    }
    await ask("ops", "PUT", "/metrics/job/a-3", "m 1\n");
    await ask("ops", "PUT", "/metrics/job/b-2", "m 1\n");
    await ask("ops", "DELETE", "/metrics/job/a-1");
    await ask("ops", "DELETE", "/metrics/job/b-1");
    for (const path of ["/metrics", "/api/v1/groups"])
      expect(jobsIn((await ask("team-a", "GET", path)).text), path).toEqual(["a-2", "a-3"]);

    const data = async (path: string) => JSON.parse((await ask("team-a", "GET", path)).text).data;
    expect(await data("/api/v1/groups")).toMatchObject({ total: 2, matched: 2 });
    expect((await data("/api/v1/cluster")).store.groups).toBe(2);
    const hidden = JSON.parse((await ask("ops", "GET", '/api/v1/groups?match[]={job="b-2"}')).text).data
      .groups[0];
    expect((await ask("team-a", "GET", `/api/v1/groups/${hidden.id}`)).status).toBe(404);
    expect((await ask("ops", "GET", `/api/v1/groups/${hidden.id}`)).status).toBe(200);
  });

  test("a deletion of many is one of those that may be deleted", async () => {
    await using gateway = await start();
    const { ask } = gateway;
    const all = `/api/v1/groups?match[]=${encodeURIComponent('{job=~".+"}')}`;
    expect(JSON.parse((await ask("team-a", "DELETE", `${all}&dry_run=true`)).text).data.matched).toBe(2);
    expect(JSON.parse((await ask("team-a", "DELETE", all)).text).data.deleted).toBe(2);
    expect(jobsIn((await ask("ops", "GET", "/metrics")).text)).toEqual(["b-1"]);
    expect((await ask("team-a", "DELETE", "/metrics/job/b-1?scope=all")).status).toBe(202);
    expect(jobsIn((await ask("ops", "GET", "/metrics")).text)).toEqual(["b-1"]);
  });

  test("events tell of visible groups only", async () => {
    await using gateway = await start();
    const { ask } = gateway;
    const leave = new AbortController();
    const answer = await fetch(`${gateway.url}/api/v1/events`, {
      headers: { authorization: `Bearer ${tokens["team-a"]}` },
      signal: leave.signal,
    });
    const reader = answer.body?.getReader();
    let told = "";
    const until = async (text: string) => {
      while (!told.includes(text)) told += Buffer.from((await reader?.read())?.value ?? []).toString();
    };
    await until("\n\n");
    await ask("ops", "PUT", "/metrics/job/b-9", "m 1\n");
    await ask("ops", "PUT", "/metrics/job/a-9", "m 1\n");
    const idOf = (job: string) => groupOf([["job", job]]).id;
    await until(idOf("a-9"));
    expect(told).not.toContain(idOf("b-9"));
    leave.abort();
  });

  test("refusals tell what is missing, and nothing of others", async () => {
    await using gateway = await start();
    const { ask } = gateway;
    const forbidden = await ask("team-a", "PUT", "/metrics/job/b-1", "m 1\n");
    expect(forbidden).toMatchObject({
      status: 403,
      text: 'Forbidden: team-a: no rule allows the role "push" for the group {job="b-1"}\n',
    });
    const unknown = await ask(null, "PUT", "/metrics/job/b-1", "m 1\n");
    expect(unknown).toMatchObject({
      status: 401,
      text: 'Unauthorized: PUT of this path needs the role "push"\n',
    });
    expect(unknown.headers.get("www-authenticate")).toBe("Basic");
    const api = await ask("pusher", "GET", "/api/v1/groups");
    expect(api.status).toBe(403);
    expect(JSON.parse(api.text)).toMatchObject({
      status: "error",
      errorType: "forbidden",
      error: 'Forbidden: pusher: GET of this path needs the role "read"',
    });
    expect(forbidden.text + unknown.text + api.text).not.toMatch(/ops|reader|a-\.\*/);
  });

  test("rules are read again without a restart, and broken ones change nothing", async () => {
    await using gateway = await start();
    const { ask, file } = gateway;
    await file.write(rules.replace('"a-.*"', '"b-.*"').replace("[{ roles: [push] }]", "[{ roles: [pull] }]"));
    expect((await ask("ops", "POST", "/-/reload")).status).toBe(500);
    expect((await ask("team-a", "PUT", "/metrics/job/b-1", "m 1\n")).status).toBe(403);
    await file.write(rules.replace('"a-.*"', '"b-.*"'));
    expect((await ask("ops", "POST", "/-/reload")).status).toBe(200);
    expect((await ask("team-a", "PUT", "/metrics/job/b-1", "m 1\n")).status).toBe(200);
    expect((await ask("team-a", "PUT", "/metrics/job/a-1", "m 1\n")).status).toBe(403);
    expect(jobsIn((await ask("team-a", "GET", "/metrics")).text)).toEqual(["b-1"]);
  });
});
