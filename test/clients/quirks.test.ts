// What docs/clients.md says beside its table.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Label } from "@pushfleet/exposition";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { type HttpServer, startReference } from "../support/reference.ts";
import { startConfigured } from "../tls/configured-gateway.ts";
import { hashes } from "../tls/password-hashes.ts";
import { clients } from "./clients.ts";
import { expectedFamilies, exposition, familiesOfJob, hasJob } from "./expositions.ts";
import { node } from "./node/client.ts";
import { dotnet } from "./replayed/dotnet.ts";
import { invoke } from "./replayed/powershell.ts";
import { ruby } from "./ruby/client.ts";

let gateway: HttpServer;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.[Symbol.asyncDispose]());

const scrape = async () => await (await fetch(`${gateway.url}/metrics`)).text();

test("the document has a row for each client, with the version that is tested", () => {
  const document = readFileSync(new URL("../../docs/clients.md", import.meta.url), "utf8");
  const rows = [...document.matchAll(/^\| ([^|`-][^|]*?) +\|/gm)].map(([, client]) => client);
  const names = clients.map(({ name }) => name.replace(/, (?:text|protobuf)$/, ""));
  expect(rows.filter((name) => name !== "Client")).toEqual([...new Set(names)]);
});

describe("what PowerShell makes of a text", () => {
  const text = exposition("all");
  const put = (job: string, body: Buffer) =>
    invoke(gateway.url, { method: "PUT", path: `/metrics/job/${job}`, body });

  test.each([
    ["line ends of Windows", Buffer.from(text.replaceAll("\n", "\r\n")), "unknown metric type"],
    ["a byte order mark", Buffer.from(`\ufeff${text}`), "line 1: invalid metric name"],
    ["UTF-16", Buffer.from(`\ufeff${text}`, "utf16le"), "line 1: invalid metric name"],
    ["Latin-1", Buffer.from('m{outcome="Öl"} 1\n', "latin1"), "invalid label value"],
    ["no line feed at the end", Buffer.from(text.trimEnd()), "unexpected end of input stream"],
  ])("with %s is refused, and the answer says why", async (what, body, reason) => {
    const job = what.replaceAll(" ", "-");
    const answer = await put(job, body);
    expect(answer.status).toBe(400);
    expect(answer.text).toInclude(reason);
    expect(hasJob(await scrape(), job)).toBeFalse();
  });

  test("as bytes of UTF-8 with plain line feeds is taken", async () => {
    expect((await put("bytes", Buffer.from(text))).status).toBe(200);
    expect(familiesOfJob(await scrape(), "bytes")).toEqual(expectedFamilies("all", [["job", "bytes"]], {}));
  });
});

describe("curl", () => {
  const push = (job: string, option: string) =>
    spawnSync("curl", ["--silent", "--fail", option, "@-", `${gateway.url}/metrics/job/${job}`], {
      input: exposition("all"),
    }).status;

  test("loses the line feeds with --data, which is refused", async () => {
    expect(push("data", "--data")).toBe(22);
    expect(hasJob(await scrape(), "data")).toBeFalse();
  });

  test("sends all there is with --data-binary", async () => {
    expect(push("data-binary", "--data-binary")).toBe(0);
    expect(hasJob(await scrape(), "data-binary")).toBeTrue();
  });

  test("tells of a refusal only with --fail or --fail-with-body", () => {
    const url = `${gateway.url}/metrics/job/silent`;
    const statusWith = (...options: string[]) =>
      spawnSync("curl", ["--silent", ...options, "--data-binary", "not metrics", url]).status;
    expect([statusWith(), statusWith("--fail"), statusWith("--fail-with-body")]).toEqual([0, 22, 22]);
  });

  test("gets values escaped by jq", () => {
    const value = "a/b c%ü+?#&";
    const { stdout } = spawnSync("jq", ["-rn", "--arg", "v", value, "$v | @uri"], { encoding: "utf8" });
    expect(stdout).toBe(`${encodeURIComponent(value)}\n`);
  });
});

test.each([
  ["a path", "/var/backups"],
  ["an empty value", ""],
])("prom-client believes to have pushed %s to a Pushgateway, and has not", async (_what, value) => {
  await using pushgateway = await startReference();
  const preparation = await node.prepare();
  if (preparation.kind === "missing") throw new Error(preparation.reason);
  await using pusher = preparation.start();
  const push = async (url: string) => {
    const labels: readonly Label[] = [
      ["job", "prom-client"],
      ["zone", value],
      ["instance", value],
    ];
    expect(await pusher.send({ operation: "push", metrics: "all", url, labels })).toBeUndefined();
    return hasJob(await (await fetch(`${url}/metrics`)).text(), "prom-client");
  };
  expect(await push(pushgateway.url)).toBeFalse();
  expect(await push(gateway.url)).toBeTrue();
});

test("a slash that nobody escapes may make other labels of a value", async () => {
  const preparation = await dotnet.prepare();
  if (preparation.kind === "missing") throw new Error(preparation.reason);
  await using pusher = preparation.start();
  const command = { operation: "push", metrics: "gauge", url: gateway.url } as const;
  const labels = [
    ["job", "slashes"],
    ["instance", "a/path/c"],
  ] as const;
  expect(await pusher.send({ ...command, labels })).toBeUndefined();
  expect(await scrape()).toInclude('backup_queue_length{instance="a",job="slashes",path="c"} 2');
});

test("Ruby's Push does not raise when a push is refused, and sends a password as it stands in the URL", async (context) => {
  const preparation = await ruby.prepare();
  if (preparation.kind === "missing") return context.skip(preparation.reason);
  const users = `basic_auth_users:\n  alice: ${hashes.secret}\n  bob: ${hashes["of bob"]}\n`;
  await using closed = await startConfigured(users);
  const program = `
    require "prometheus/client"
    require "prometheus/client/push"
    print Prometheus::Client::Push.new(job: "x", gateway: ARGV[0]).add(Prometheus::Client::Registry.new).code`;
  const pushAs = (login: string) => {
    const url = `http://${login}127.0.0.1:${closed.port}`;
    const { status, stdout } = spawnSync("ruby", ["-e", program, url], { encoding: "utf8" });
    return { status, stdout };
  };
  expect(pushAs("")).toEqual({ status: 0, stdout: "401" });
  expect(pushAs("alice:secret@")).toEqual({ status: 0, stdout: "200" });
  expect(pushAs("bob:of%20bob@")).toEqual({ status: 0, stdout: "401" });
});
