/** Names that every JavaScript object knows, wherever somebody may choose a name. */
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { loadConfigFileParser, loadWebConfigReader } from "@pushfleet/config";
import { describe, expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { startRedis } from "../support/redis.ts";
import { hashes } from "../tls/password-hashes.ts";

const names = [
  "__proto__",
  "__defineGetter__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "isPrototypeOf",
  "toJSON",
  "then",
  "length",
] as const;

/** Label names that begin with two underscores are Prometheus' own, and may not be in a grouping key. */
const isReserved = (name: string) => name.startsWith("__");

interface Group {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly expires_at: string | null;
}

/** What the API answers, as far as it is read here. */
interface Data {
  readonly groups: readonly Group[];
  readonly jobs: readonly { readonly job: string }[];
  readonly total: number;
  readonly deleted: number;
  readonly metrics: readonly { readonly name: string }[];
  readonly flags: unknown;
}

async function startOn(store: "embedded" | "redis", flags: readonly string[] = []) {
  await using started = new AsyncDisposableStack();
  const redis = store === "redis" ? started.use(await startRedis()) : undefined;
  const gateway = started.use(
    await startGateway({ flags, ...(redis === undefined ? {} : { redisUrl: redis.url }) }),
  );
  const all = started.move();
  const ask = async <T = Data>(path: string, method = "GET") => {
    const answer = await fetch(`${gateway.url}/api/v1${path}`, { method });
    const { data } = (await answer.json()) as { readonly data: T }; // compared by the tests
    return data;
  };
  return {
    url: gateway.url,
    ask,
    push: async (path: string, body: string, method = "PUT") =>
      (await fetch(`${gateway.url}/metrics/job/${path}`, { method, body })).status,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

type Labels = readonly (readonly [name: string, value: string])[];

/** A group whose job, label and family are all called so; of reserved names without the label. */
const groupOf = (name: string) => (isReserved(name) ? name : `${name}/${name}/${name}`);
const labelsOf = (name: string): Labels =>
  [["job", name] as const, ...(isReserved(name) ? [] : [[name, name] as const])].toSorted();

function sample(family: string, labels: Labels, value: number): string {
  const pairs = labels.toSorted().map(([name, text]) => `${name}="${text}"`);
  return `${family}{${pairs.join(",")}} ${value}`;
}

describe.each(["embedded", "redis"] as const)("on the %s store", (store) => {
  test("jobs, labels, families and helps may be called as what objects have", async () => {
    await using gateway = await startOn(store);
    for (const name of names) {
      const body = `# HELP ${name} ${name}\n# TYPE ${name} gauge\n${name}{l_${name}="${name}"} 1\n`;
      expect(await gateway.push(groupOf(name), body), name).toBe(200);
      const more = isReserved(name) ? `m_${name} 2\n` : `m_${name}{${name}="${name}"} 2\n`;
      expect(await gateway.push(groupOf(name), more, "POST"), name).toBe(200);
    }
    const lines = (await (await fetch(`${gateway.url}/metrics`)).text()).split("\n");
    for (const name of names) {
      const labels: Labels = [...labelsOf(name), ["instance", ""]];
      expect(lines.filter((line) => line.startsWith("# ") && line.split(" ")[2] === name)).toEqual([
        `# HELP ${name} ${name}`,
        `# TYPE ${name} gauge`,
      ]);
      expect(lines.filter((line) => line.startsWith(`${name}{`))).toEqual([
        sample(name, [...labels, [`l_${name}`, name]], 1),
      ]);
      expect(lines.filter((line) => line.startsWith(`m_${name}{`))).toEqual([sample(`m_${name}`, labels, 2)]);
    }

    const { groups, total } = await gateway.ask("/groups?sort=job&limit=1000");
    expect(total).toBe(names.length);
    expect(groups.map(({ labels }) => Object.entries(labels).toSorted())).toEqual(
      names.toSorted().map(labelsOf),
    );
    expect((await gateway.ask("/jobs?limit=1000")).jobs.map(({ job }) => job)).toEqual(names.toSorted());
    const all = await gateway.ask<readonly object[]>("/metrics");
    for (const { id, labels } of groups) {
      const { job: name = "" } = labels;
      const { metrics } = await gateway.ask(`/groups/${id}`);
      expect(metrics.map((family) => family.name)).toIncludeSameMembers([name, `m_${name}`]);
      // In upstream's shape the families' names are keys; entries, because a matcher would look at the prototype.
      const families = all.filter((group) => Object.hasOwn(group, name)).flatMap(Object.entries);
      expect(families).toContainEqual([name, expect.objectContaining({ type: "GAUGE", help: name })]);
    }

    for (const name of names) {
      const selector = encodeURIComponent(`{${isReserved(name) ? "job" : name}="${name}"}`);
      expect((await gateway.ask(`/groups?match[]=${selector}`)).groups, name).toHaveLength(1);
      expect((await gateway.ask(`/groups?match[]=${selector}`, "DELETE")).deleted, name).toBe(1);
    }
    expect((await gateway.ask("/groups")).total).toBe(0);
  });

  test("what is reserved is refused as a label, and all else taken", async () => {
    await using gateway = await startOn(store);
    for (const name of names) {
      const status = isReserved(name) ? 400 : 200;
      expect(await gateway.push(`a/${name}/x`, "m 1\n"), name).toBe(status);
      expect(await gateway.push(`b/n/${name}`, `m{${name}="x"} 1\n`), name).toBe(status);
    }
  });
});

describe("parameters of a query", () => {
  const forms = (name: string) => [
    `${name}=1h`,
    `${name}[ttl]=1h`,
    `${name}.ttl=1h`,
    `ttl[${name}]=1h`,
    `[${name}]=1h&${name}=2h`,
  ];

  test("are refused by the API, and passed over by pushes", async () => {
    await using gateway = await startOn("embedded");
    const before = await gateway.ask("/status");
    for (const query of names.flatMap(forms)) {
      for (const path of ["/groups", "/jobs", "/cluster", "/openapi.yaml"])
        expect((await fetch(`${gateway.url}/api/v1${path}?${query}`)).status, `${path}?${query}`).toBe(400);
      expect((await gateway.ask(`/status?${query}`)).flags, query).toEqual(before.flags);
      expect(await gateway.push(`a?${query}`, "m 1\n"), query).toBe(200);
    }
    const { groups } = await gateway.ask("/groups");
    expect(groups).toMatchObject([{ labels: { job: "a" }, expires_at: null }]);
  });
});

test("headers of these names change nothing for anybody", async () => {
  await using gateway = await startOn("embedded");
  const { port } = new URL(gateway.url);
  for (const name of names) {
    const socket = connect(Number(port), "127.0.0.1");
    socket.write(
      `PUT /metrics/job/${name} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${name}: 1h\r\n${name}: 2h\r\nContent-Length: 4\r\n\r\nm 1\n`,
    );
    expect(await text(socket), name).toStartWith("HTTP/1.1 200 ");
  }
  expect(await gateway.push("a", "m 1\n")).toBe(200);
  const { groups, total } = await gateway.ask("/groups");
  expect(total).toBe(names.length + 1);
  for (const { expires_at } of groups) expect(expires_at).toBeNull();
});

describe("files", () => {
  test.each(names)("with a key %s are refused by its name, in YAML and JSON", async (name) => {
    const parse = await loadConfigFileParser((matchers) => matchers);
    for (const text of [
      `${name}: {x: 1}\n`,
      `{"${name}": {"x": 1}}\n`,
      `? ${name}\n: 1\n`,
      `limits:\n  rules:\n    - ${name}: 1\n`,
      `access:\n  identities: []\n  ${name}: {}\n`,
    ])
      expect(() => parse(text, "file"), text).toThrow(new RegExp(`${name} is not a setting`));
    const read = await loadWebConfigReader();
    for (const text of [`${name}: {}\n`, `http_server_config:\n  headers:\n    ${name}: x\n`])
      expect(() => read("file", () => text), text).toThrow(new RegExp(`${name} is not a `));
  });

  test("may call users and identities so, and know no others", async () => {
    const folder = await mkdtemp(join(tmpdir(), "pushfleet-prototype-"));
    await using _ = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
    const [web, config] = [join(folder, "web.yml"), join(folder, "pushfleet.yml")];
    const known = names.filter((_, i) => i % 2 === 0);
    await writeFile(
      web,
      `basic_auth_users:\n${known.map((name) => `  ${name}: ${hashes["of bob"]}\n`).join("")}`,
    );
    const identity = (name: string) =>
      `    - name: ${name}\n      users: [${name}]\n      token_sha256: [${createHash("sha256").update(name).digest("hex")}]\n      allow: [{roles: [push], match: '{job="${name}"}'}]\n`;
    await writeFile(config, `access:\n  identities:\n${known.map(identity).join("")}`);
    await using gateway = await startGateway({
      flags: [`--web.config.file=${web}`, `--config.file=${config}`],
    });
    const push = async (job: string, authorization: string) =>
      (
        await fetch(`${gateway.url}/metrics/job/${job}`, {
          method: "PUT",
          body: "m 1\n",
          headers: { authorization },
        })
      ).status;
    const basic = (name: string) => `Basic ${Buffer.from(`${name}:of bob`).toString("base64")}`;
    for (const name of names) {
      const isKnown = known.includes(name);
      for (const credentials of [basic(name), `Bearer ${name}`]) {
        expect(await push(name, credentials), `${name} ${credentials}`).toBe(isKnown ? 200 : 401);
        expect(await push("other", credentials), `${name} ${credentials}`).toBe(isKnown ? 403 : 401);
      }
    }
  });
});
