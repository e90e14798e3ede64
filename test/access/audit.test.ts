import { mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { rulesFile, tokens } from "./rules.ts";

interface Note {
  readonly time: string;
  readonly msg: string;
  readonly identity: string | null;
  readonly address: string;
  readonly method: string;
  readonly group?: string;
  readonly path?: string;
  readonly status: number;
  readonly reason?: string;
}

async function start(flags: readonly string[] = []) {
  await using started = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "pushfleet-audit-"));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "logs", "audit.log");
  const rules = started.use(await rulesFile());
  const gateway = started.use(
    await startGateway({
      flags: [`--config.file=${rules.path}`, `--audit.log=${file}`, "--log.format=json", ...flags],
    }),
  );
  const all = started.move();
  const read = async (path = file): Promise<readonly Note[]> =>
    (await readFile(path, "utf8").catch(() => ""))
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Note); // compared by the tests
  return {
    ...gateway,
    file,
    read,
    ask: (method: string, path: string, headers: Readonly<Record<string, string>> = {}) =>
      fetch(gateway.url + path, {
        method,
        headers: { authorization: `Bearer ${tokens["team-a"]}`, ...headers },
        ...(method === "DELETE" || method === "GET" ? {} : { body: "m 1\n" }),
      }),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

test("each push and deletion is noted: who, what, from where, and what became of it", async () => {
  await using gateway = await start();
  await gateway.ask("PUT", "/metrics/job/a-1/instance/x");
  await gateway.ask("PUT", "/metrics/job/b-1");
  await gateway.ask("DELETE", "/metrics/job/a-1/instance/x");
  await gateway.ask("PUT", "/metrics/job/a-1", { authorization: "Bearer wrong" });
  await gateway.ask("DELETE", '/api/v1/groups?match[]={job="a-1"}');
  await gateway.ask("GET", "/metrics");
  await gateway.ask("PUT", "/nowhere");
  await expect.poll(() => gateway.read()).toHaveLength(6);
  const notes = await gateway.read();
  const common = { identity: "team-a", address: "127.0.0.1" };
  expect(notes).toMatchObject([
    { ...common, msg: "accepted", method: "PUT", group: '{instance="x",job="a-1"}', status: 200 },
    { ...common, msg: "refused", method: "PUT", group: '{job="b-1"}', status: 403 },
    { ...common, msg: "accepted", method: "DELETE", group: '{instance="x",job="a-1"}', status: 202 },
    {
      identity: null,
      msg: "refused",
      method: "PUT",
      group: '{job="a-1"}',
      status: 401,
      reason: "Unauthorized",
    },
    {
      ...common,
      msg: "accepted",
      method: "DELETE",
      path: "/api/v1/groups?match[]={job=%22a-1%22}",
      status: 200,
    },
    { ...common, msg: "refused", method: "PUT", path: "/nowhere", status: 403 },
  ]);
  expect(notes[1]?.reason).toStartWith("Forbidden: team-a: no rule allows");
  for (const { time } of notes) expect(Date.parse(time)).toBeWithin(Date.now() - 60_000, Date.now() + 1_000);
  expect(await readFile(gateway.file, "utf8")).not.toContain(tokens["team-a"]);
});

test("a push that was not finished is noted as such", async () => {
  await using gateway = await start();
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  socket.write(
    `PUT /metrics/job/a-1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokens["team-a"]}\r\nContent-Length: 100\r\n\r\nm`,
    () => socket.destroy(),
  );
  await expect
    .poll(() => gateway.read())
    .toMatchObject([{ msg: "aborted", status: 0, group: '{job="a-1"}' }]);
});

test("the address is a proxy's word only where the proxy is trusted", async () => {
  const forwarded = { "x-forwarded-for": "203.0.113.9" };
  for (const [flags, address] of [
    [[], "127.0.0.1"],
    [["--web.trusted-proxies=127.0.0.0/8"], "203.0.113.9"],
  ] as const) {
    await using gateway = await start(flags);
    await gateway.ask("PUT", "/metrics/job/a-1", forwarded);
    await expect.poll(() => gateway.read()).toMatchObject([{ address }]);
  }
});

test("after a rotation and SIGHUP the lines go to a new file, and none is lost", async () => {
  await using gateway = await start();
  await gateway.ask("PUT", "/metrics/job/a-1");
  await expect.poll(() => gateway.read()).toHaveLength(1);
  await rename(gateway.file, `${gateway.file}.1`);
  gateway.process.signal("SIGHUP");
  await expect
    .poll(async () => {
      await gateway.ask("PUT", "/metrics/job/a-2");
      return (await gateway.read()).length;
    })
    .toBeGreaterThan(0);
  const groups = [...(await gateway.read(`${gateway.file}.1`)), ...(await gateway.read())].map(
    ({ group }) => group,
  );
  expect(groups[0]).toBe('{job="a-1"}');
  expect(new Set(groups.slice(1))).toEqual(new Set(['{job="a-2"}']));
});

test("what was noted is on disk after a stop", async () => {
  await using gateway = await start();
  await Promise.all(Array.from({ length: 200 }, (_, i) => gateway.ask("PUT", `/metrics/job/a-${i}`)));
  await gateway.process.stop();
  expect(await gateway.read()).toHaveLength(200);
});

test("a file that cannot be opened stops the start", async () => {
  await expect(startGateway({ flags: ["--audit.log=/dev/null/audit.log"] })).rejects.toThrow(
    /--audit\.log: /,
  );
});
