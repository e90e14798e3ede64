/** What users choose is data to Redis: never a key, a command or a script. */
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { startRedis } from "../support/redis.ts";

const hostile = [
  "*3\r\n$3\r\nSET\r\n$5\r\nowned\r\n$1\r\n1\r\n",
  "\r\nFLUSHALL\r\n",
  "\nSET owned 1\n",
  "a\u0000b",
  "\u0000",
  "'\"]] redis.call('SET', 'owned', '1') --[[",
  "return redis.call('FLUSHALL')",
  "\\n\\0\\x00",
  "KEYS[1]",
  "ARGV[1]",
  "{1}",
  "}{0}:{",
  "{}",
  "*",
  "pushfleet:{0}:state",
  "pushfleet:{0}:group:",
  "state",
  "__proto__",
  "nil",
  "-1",
  "1e999",
  "%s %d %n",
  " ",
  "\u2028\ud83d\ude00\uffff",
] as const;

/** All there are (ARCHITECTURE.md), but for those of reapers. The hash tag has them all in one slot of a cluster. */
const knownKey =
  /^pushfleet:\{0\}:(?:state|members|changes|removed|floors|expiry|families|barrier|shapes|jobs|group:[\w-]{22}|rate:[\w-]{43})$/;

const base64 = (text: string) => Buffer.from(text).toString("base64url") || "=";
const quoted = (text: string) =>
  `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;

const pathOf = (text: string, i: number) => `job@base64/${base64(text)}/l@base64/${base64(text)}/n/${i}`;

test("values, names and helps that look like Redis' own stay what they are", async () => {
  await using server = await startRedis();
  await using redis = Object.assign(new Redis(server.url), {
    [Symbol.asyncDispose]: async () => redis.disconnect(),
  });
  // A rate that has every push ask Redis for its token, under a name made of the job.
  const flags = ["--push.enable-utf8-names", "--push.max-rate-per-job=9"];
  await using gateway = await startGateway({ redisUrl: server.url, flags });
  const push = async (path: string, body: string, method = "PUT") =>
    (await fetch(`${gateway.url}/metrics/${path}`, { method, body })).status;
  const numberIn = async (section: string, name: string) =>
    Number(new RegExp(`^${name}:(\\d+)`, "m").exec(await redis.info(section))?.[1]);

  expect(await push("job/warm-up/kind/x?ttl=1h", "# HELP m x\nm 1\n", "POST")).toBe(200);
  expect(await push("job/warm-up/kind/x", "m 1 123\n")).toBe(400);
  await fetch(`${gateway.url}/metrics/job/warm-up/kind/x`, { method: "DELETE" });
  const seen = new Set<string>();
  const scripts = await numberIn("memory", "number_of_cached_scripts");

  for (const [i, text] of hostile.entries()) {
    const body = `# HELP m ${text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\nm{l=${quoted(text)},${quoted(`n${text}`)}="x"} 1\n{${quoted(`f ${text}`)}} 1\n`;
    const path = pathOf(text, i);
    expect(await push(`${path}?ttl=1h`, body), text).toBe(200);
    expect(await push(path, "other 1\n", "POST"), text).toBe(200);
    // Refused for its content, which is recorded.
    expect(await push(`job/refused-${i}/v@base64/${base64(text)}`, "m 1 123\n"), text).toBe(400);
    // By a label whose name is hostile, with the mark for names that are not plain.
    const name = Array.from(`n${text}`, (c) =>
      c === "_" ? "__" : /[a-z]/i.test(c) ? c : `_${c.codePointAt(0)?.toString(16)}_`,
    );
    expect(await push(`job/named-${i}/U__${name.join("")}/x`, "m 1\n"), text).toBe(200);
    const selector = encodeURIComponent(`{job=${quoted(text)}}`);
    const search = encodeURIComponent(text);
    for (const query of [`match[]=${selector}`, `search=${search}`])
      expect((await fetch(`${gateway.url}/api/v1/groups?${query}`)).status, text).toBe(200);
    for (const key of await redis.keys("*")) seen.add(key);
  }
  const last = hostile.length - 1;
  const removed = pathOf(hostile[last] ?? "", last);
  expect((await fetch(`${gateway.url}/metrics/${removed}`, { method: "DELETE" })).status).toBe(202);

  expect([...seen].filter((key) => !knownKey.test(key))).toEqual([]);
  expect([...seen].some((key) => key.includes(":rate:"))).toBeTrue();
  const groups = (await redis.keys("*")).filter((key) => key.includes(":group:"));
  expect(groups).toHaveLength(hostile.length * 3 - 1);
  expect(await numberIn("memory", "number_of_cached_scripts")).toBe(scripts);
  // In no other database either, and by no command that is not ours.
  expect((await redis.info("keyspace")).match(/^db\d+/gm)).toEqual(["db0"]);
  const commands = [...(await redis.info("commandstats")).matchAll(/^cmdstat_(.+?):/gm)].map(
    ([, name]) => name,
  );
  for (const name of ["set", "flushall", "flushdb", "config|set", "select"])
    expect(commands).not.toContain(name);

  const answer = await fetch(`${gateway.url}/api/v1/groups?limit=1000`);
  const { data } = (await answer.json()) as {
    readonly data: { readonly groups: readonly { readonly labels: Readonly<Record<string, string>> }[] };
  }; // the API's, compared below
  const shown = data.groups
    .map(({ labels }) => labels)
    .filter(({ job = "" }) => !/^(?:refused|named)-/.test(job));
  expect(shown).toIncludeSameMembers(
    hostile.slice(0, last).map((text, i) => ({ job: text, l: text, n: String(i) })),
  );
  expect((await fetch(`${gateway.url}/metrics`)).status).toBe(200);
});
