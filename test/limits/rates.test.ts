/** How many pushes and deletions a second there may be, by real gateways. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { startRedis } from "../support/redis.ts";
import { push, refusals, statuses } from "./client.ts";

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const start = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - start) / 1000 };
}

const many = <T>(count: number, one: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, i) => one(i)));

test("a job may be pushed and deleted so often, and others do not notice", async () => {
  await using gateway = await startGateway({ flags: ["--push.max-rate-per-job=10"] });
  const { result, seconds } = await timed(async () => {
    const pushes = await many(6, (i) => push(gateway.url, `busy/n/${i}`));
    const deletions = await many(30, (i) => push(gateway.url, `busy/n/${i}`, "", { method: "DELETE" }));
    return [...pushes, ...deletions];
  });
  const { 200: pushed, 202: deleted = 0, 429: refused } = statuses(result);
  expect(pushed).toBe(6);
  expect(deleted).toBeWithin(4, 4 + 10 * seconds + 1);
  for (const { status, text, retryAfter } of result) {
    if (status !== 429) continue;
    expect(text).toBe(
      'the job "busy" may be pushed and deleted 10 times a second (limit --push.max-rate-per-job)\n',
    );
    expect(retryAfter).toBe(1);
  }
  expect(await refusals(gateway.url, "push.max-rate-per-job")).toBe(refused);
  expect(await push(gateway.url, "calm")).toMatchObject({ status: 200 });
  await expect.poll(async () => (await push(gateway.url, "busy/n/1")).status).toBe(200);
});

test("a client that waits as it is told gets through", async () => {
  await using gateway = await startGateway({ flags: ["--push.max-rate-per-job=0.5"] });
  expect(await push(gateway.url, "a")).toMatchObject({ status: 200 });
  const refused = await push(gateway.url, "a");
  expect(refused).toMatchObject({ status: 429, retryAfter: 2 });
  await new Promise((resolve) => setTimeout(resolve, 1_000 * (refused.retryAfter ?? 0)));
  expect(await push(gateway.url, "a")).toMatchObject({ status: 200 });
});

test("all without credentials share one rate", async () => {
  await using gateway = await startGateway({ flags: ["--push.max-rate-per-identity=10"] });
  const { result, seconds } = await timed(() => many(60, (i) => push(gateway.url, `job-${i}`)));
  expect(statuses(result)[200]).toBeWithin(10, 10 + 10 * seconds + 1);
  expect(result.find(({ status }) => status === 429)?.text).toBe(
    "whoever has no credentials may push and delete 10 times a second (limit --push.max-rate-per-identity)\n",
  );
});

/** DELETE of all groups that the selector matches. */
const deleteMatching = (url: string, selector: string, { query = "", headers = {} } = {}) =>
  fetch(`${url}/api/v1/groups?match[]=${encodeURIComponent(selector)}${query}`, {
    method: "DELETE",
    headers,
  });

test("a deletion by selectors counts once for whoever asks, and a dry run not at all", async () => {
  await using gateway = await startGateway({ flags: ["--push.max-rate-per-identity=10"] });
  const { result, seconds } = await timed(() => many(60, () => deleteMatching(gateway.url, '{job="a"}')));
  expect(statuses(result)[200]).toBeWithin(10, 10 + 10 * seconds + 1);
  const refused = result.find(({ status }) => status === 429);
  expect(refused?.headers.get("retry-after")).toBe("1");
  expect(await refused?.json()).toMatchObject({
    errorType: "too_often",
    error:
      "whoever has no credentials may push and delete 10 times a second (limit --push.max-rate-per-identity)",
  });
  expect(await refusals(gateway.url, "push.max-rate-per-identity")).toBe(statuses(result)[429]);
  const dryRuns = await many(60, () => deleteMatching(gateway.url, '{job="a"}', { query: "&dry_run=true" }));
  expect(statuses(dryRuns)).toEqual({ 200: 60 });
});

test("a deletion by selectors takes nothing of the rate of the jobs, however many groups go", async () => {
  await using gateway = await startGateway({ flags: ["--push.max-rate-per-job=20"] });
  expect(statuses(await many(20, (i) => push(gateway.url, `a/n/${i}`)))).toEqual({ 200: 20 });
  const deletions = await many(20, () => deleteMatching(gateway.url, '{job="a"}'));
  expect(statuses(deletions)).toEqual({ 200: 20 });
  const { data } = (await (await fetch(`${gateway.url}/api/v1/groups`)).json()) as {
    data: { total: number };
  }; // the API's shape
  expect(data.total).toBe(0);
});

test("two gateways on one Redis count together, and go on by themselves while it is away", async () => {
  await using redis = await startRedis();
  const flags = ["--push.max-rate-per-job=8", "--push.timeout=1s"];
  await using one = await startGateway({ redisUrl: redis.url, flags });
  await using other = await startGateway({ redisUrl: redis.url, flags });
  const url = (i: number) => (i % 2 === 0 ? one.url : other.url);
  const { result, seconds } = await timed(() => many(60, (i) => push(url(i), "a")));
  expect(statuses(result)[200]).toBeWithin(8, 8 + 8 * seconds + 1);
  expect(statuses(result)[429]).toBeGreaterThan(0);

  await redis.kill();
  const during = statuses(await many(20, (i) => push(url(i), "b")));
  // Each lets through what it may by itself, which then fails for want of Redis.
  expect(during[503]).toBeWithin(16, 21);
  await redis.restart();
  await expect.poll(async () => (await push(one.url, "c")).status, { timeout: 10_000 }).toBe(200);
  const after = await timed(() => many(60, (i) => push(url(i), "d")));
  expect(statuses(after.result)[200]).toBeWithin(8, 16 + 8 * after.seconds + 1);
});

test("rules give jobs and identities other rates, also while the gateway runs", async () => {
  const directory = await mkdtemp(join(tmpdir(), "pushfleet-rates-"));
  await using _ = { [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
  const file = join(directory, "pushfleet.yml");
  const rules = (ofTeam: number) => `
access:
  identities:
    - name: team-a
      token_sha256: [bf2cb58a68f684d95a3b78ef8f661c9a4e5b09e82cc8f9cc88cce90528caeb27]
      allow: [{roles: [push, delete]}]
    - name: anyone
      allow: [{roles: [push, scrape, admin]}]
limits:
  rules:
    - match: '{job=~"slow-.*"}'
      push.max-rate-per-job: 2
    - identity: team-a
      push.max-rate-per-identity: ${ofTeam}
      push.max-series: 1
`;
  await writeFile(file, rules(3));
  await using gateway = await startGateway({ flags: [`--config.file=${file}`, "--web.enable-lifecycle"] });
  const asTeam = { headers: { Authorization: `Bearer ${"a".repeat(10)}` } };
  const passed = async (job: string, options = {}) => {
    const { result, seconds } = await timed(() => many(30, () => push(gateway.url, job, undefined, options)));
    return { count: statuses(result)[200] ?? 0, seconds };
  };

  const slow = await passed("slow-1");
  expect(slow.count).toBeWithin(2, 2 + 2 * slow.seconds + 1);
  expect((await passed("quick")).count).toBe(30);
  const team = await passed("quick", asTeam);
  expect(team.count).toBeWithin(3, 3 + 3 * team.seconds + 1);

  await writeFile(file, rules(1_000));
  expect((await fetch(`${gateway.url}/-/reload`, { method: "POST" })).status).toBe(200);
  expect((await passed("quick", asTeam)).count).toBe(30);
  expect(await push(gateway.url, "quick", "m 1\nn 1\n", asTeam)).toMatchObject({ status: 413 });

  // Of no job, it counts by the rule that has no matchers.
  await writeFile(file, rules(4));
  expect((await fetch(`${gateway.url}/-/reload`, { method: "POST" })).status).toBe(200);
  const deletions = await timed(() => many(30, () => deleteMatching(gateway.url, '{job="slow-1"}', asTeam)));
  expect(statuses(deletions.result)[200]).toBeWithin(4, 4 + 4 * deletions.seconds + 1);
  expect(await push(gateway.url, "quick", "m 1\nn 1\n")).toMatchObject({ status: 200 });
});

test("who may not push to a job takes nothing of its rate", async () => {
  const directory = await mkdtemp(join(tmpdir(), "pushfleet-rates-"));
  await using _ = { [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
  const file = join(directory, "pushfleet.yml");
  await writeFile(
    file,
    `
access:
  identities:
    - name: team-a
      token_sha256: [bf2cb58a68f684d95a3b78ef8f661c9a4e5b09e82cc8f9cc88cce90528caeb27]
      allow: [{roles: [push, delete], match: '{job=~"a-.*"}'}]
    - name: anyone
      allow: [{roles: [push]}]
`,
  );
  await using gateway = await startGateway({ flags: [`--config.file=${file}`, "--push.max-rate-per-job=1"] });
  const headers = { Authorization: `Bearer ${"a".repeat(10)}` };
  const refused = await many(20, () => push(gateway.url, "b", "", { method: "DELETE", headers }));
  expect(statuses(refused)).toEqual({ 403: 20 });
  await many(20, () => push(gateway.url, "b?scope=all", "", { method: "DELETE", headers }));
  expect(await push(gateway.url, "b")).toMatchObject({ status: 200 });
});
