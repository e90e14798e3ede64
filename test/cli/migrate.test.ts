import { expect, test } from "vitest";
import { rulesFile, tokens } from "../access/rules.ts";
import { allGroups, pushGroups } from "../bench/fill.ts";
import { FAMILY_TYPE, families, labels, PROTOBUF } from "../conformance/protobuf.ts";
import { startGateway } from "../support/gateway.ts";
import { startReference } from "../support/reference.ts";
import { metricsOf } from "./metrics.ts";
import { createHome, type Home } from "./pushfleet.ts";
import { differences } from "./same-groups.ts";

interface Push {
  readonly path: string;
  readonly body: string | Uint8Array;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function push(url: string, { path, body, type = "text/plain", headers = {} }: Push): Promise<number> {
  const sent = { method: "POST", body, headers: { "Content-Type": type, ...headers } };
  return (await fetch(`${url}/metrics/job/${path}`, sent)).status;
}

async function migrate(home: Home, from: string, ...args: string[]) {
  const { exitCode, stdout, stderr } = await home.run(["migrate", `--from=${from}`, "--json", ...args]);
  return { exitCode, stderr, ...(stdout === "" ? {} : JSON.parse(stdout)) };
}

/** Resolves when what is pushed now has a later time than what was pushed before: both sides' times are compared by milliseconds. */
async function nextMillisecond(): Promise<void> {
  const before = Date.now();
  await expect.poll(() => Date.now(), { interval: 1 }).toBeGreaterThan(before);
}

/** Resolves when so many groups are there: a Pushgateway that checks nothing answers before it has them. */
async function fill(url: string, count: number): Promise<void> {
  const signal = AbortSignal.timeout(60_000);
  await pushGroups({ port: Number(new URL(url).port), groups: allGroups(count), signal });
  const groups = async () => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return text.match(/^push_time_seconds\{/gm)?.length;
  };
  await expect.poll(groups, { timeout: 20_000 }).toBe(count);
}

test("a Pushgateway is copied: types, help, values, groups and the times of their pushes", async () => {
  await using source = await startReference();
  await using target = await startGateway();
  await using home = await createHome(target.url);
  const pushes: readonly Push[] = [
    {
      path: "plain",
      body: "# HELP c_total How \\\\ many\\n lines.\n# TYPE c_total counter\nc_total 1e+20\n",
    },
    { path: "values", body: 'u{v="nan"} NaN\nu{v="inf"} -Inf\nu{v="small"} 5e-324\nu{v="odd"} 0.1\n' },
    {
      path: "parts/instance/a",
      body: `# TYPE h histogram
h_bucket{le="0.5"} 1
h_bucket{le="+Inf"} 2
h_sum 1.5
h_count 2
# TYPE s summary
s{quantile="0.5"} NaN
s_sum 0
s_count 9007199254740991
`,
    },
    { path: "a%20b", body: 'x{l="\\"\\n\\\\"} 1\n' },
    { path: "slash/dir@base64/L3Zhci9saWI", body: "x 2\n" },
    // A series with a label of its own, and groups that are told apart by that very label.
    { path: "same", body: 'm{instance="one"} 1\nm{instance="two",zone="a"} 2\n' },
    { path: "same/zone/a", body: 'm{instance="one"} 3\n' },
    { path: "same/instance/three", body: 'm{zone="a"} 4\nm 5\n' },
    { path: "empty", body: "" },
    {
      path: "protobuf",
      type: PROTOBUF,
      body: families({
        name: "exemplary_total",
        help: "With an exemplar.",
        type: FAMILY_TYPE.counter,
        metric: {
          counter: {
            value: 3,
            exemplar: { label: labels(["trace", "x"]), value: 1, timestamp: { seconds: 5 } },
          },
        },
      }),
    },
    { path: "failed", body: "f 1\n" },
  ];
  for (const one of pushes) expect(await push(source.url, one)).toBe(200);
  // Refused: one has been pushed to before, one never successfully.
  for (const path of ["failed", "never"])
    expect(await push(source.url, { path, body: "f 1 123\n" })).toBe(400);
  await push(target.url, { path: "own", body: "own 1\n" });

  expect(await migrate(home, source.url, "--dry-run")).toMatchObject({
    exitCode: 0,
    copied: 12,
    dry_run: true,
  });
  expect(await metricsOf(target.url, "plain")).toEqual({});
  const { differences: found, ...outcome } = await migrate(home, source.url);
  expect(found).toEqual([]);
  expect(outcome).toMatchObject({ exitCode: 0, stderr: "", copied: 12, there: 0, newer: 0, failed: [] });
  await fetch(`${target.url}/metrics/job/own`, { method: "DELETE" });
  expect(await differences(source.url, target.url)).toEqual([]);
  expect(await migrate(home, source.url)).toMatchObject({ exitCode: 0, copied: 0, there: 12, series: 40 });

  expect((await home.run(["migrate", `--from=${source.url}`])).stdout).toMatch(
    /^0 groups copied, 12 were there already\nchecked: 10 families with 40 series are at the target as at the source\n$/,
  );
});

test("families that are called as what a Pushgateway says of a group are copied too", async () => {
  await using source = await startReference();
  await using target = await startGateway();
  await using home = await createHome(target.url);
  await push(source.url, { path: "x", body: "labels 1\nlast_push_successful 2\n" });
  expect(await migrate(home, source.url)).toMatchObject({ exitCode: 0, copied: 1, differences: [] });
  expect(await metricsOf(target.url, "x")).toEqual({ labels: 1, last_push_successful: 2 });
});

test("a Pushfleet is copied with native histograms, and groups live no longer for it", async () => {
  await using source = await startGateway();
  await using target = await startGateway();
  await using home = await createHome(target.url);
  const histogram = {
    sample_count: 3,
    sample_sum: 4.5,
    schema: 3,
    zero_threshold: 0.001,
    zero_count: 1,
    positive_span: { offset: -2, length: 2 },
    positive_delta: [1, 0],
    exemplars: { value: 1, timestamp: { seconds: 5 } },
  };
  const native = families({ name: "n", type: FAMILY_TYPE.histogram, metric: { histogram } });
  await push(source.url, { path: "native", type: PROTOBUF, body: native });
  expect(await migrate(home, source.url)).toMatchObject({ exitCode: 0, copied: 1, differences: [] });
  expect(await differences(source.url, target.url)).toEqual([]);
  await push(source.url, { path: "short", body: "a 1\n", headers: { "Pushfleet-TTL": "1h" } });
  expect(await migrate(home, source.url)).toMatchObject({ exitCode: 0, copied: 1, differences: [] });
  const short = JSON.parse((await home.run(["groups", "--json", '--match={job="short"}'])).stdout);
  expect(short.remaining_ttl_seconds).toBeWithin(3_500, 3_601);
});

test("10,000 groups of a Pushgateway are copied within 30 s, and look the same afterwards", async () => {
  await using source = await startReference(["--push.disable-consistency-check"]);
  await using target = await startGateway();
  await using home = await createHome(target.url);
  await fill(source.url, 10_000);
  const startedAt = Date.now();
  expect(await migrate(home, source.url)).toMatchObject({ exitCode: 0, copied: 10_000, differences: [] });
  const tookMs = Date.now() - startedAt;
  console.log(`10,000 groups copied in ${tookMs / 1000} s`);
  expect(tookMs).toBeLessThan(30_000);
  expect(await differences(source.url, target.url)).toEqual([]);
}, 120_000);

test("killed half-way and run again, all is there, and nothing is copied twice", async () => {
  await using source = await startReference(["--push.disable-consistency-check"]);
  await using target = await startGateway();
  await using home = await createHome(target.url);
  await fill(source.url, 3_000);
  const first = home.start(["migrate", `--from=${source.url}`]);
  const copied = async () => {
    const answer = await fetch(`${target.url}/api/v1/groups?limit=1`);
    const { data } = (await answer.json()) as { data: { total: number } };
    return data.total;
  };
  await expect.poll(copied, { interval: 5, timeout: 20_000 }).toBeGreaterThan(100);
  first.signal("SIGKILL");
  expect((await first.ended).exitCode).toBeNull();
  const before = await copied();
  expect(before).toBeLessThan(3_000);
  expect(await migrate(home, source.url)).toMatchObject({
    exitCode: 0,
    copied: 3_000 - before,
    there: before,
    differences: [],
  });
  expect(await differences(source.url, target.url)).toEqual([]);
}, 90_000);

test("what was pushed at the target later stays, what was pushed at the source later is copied", async () => {
  await using source = await startReference();
  await using target = await startGateway();
  await using home = await createHome(target.url);
  await push(source.url, { path: "switched", body: "a 1\n" });
  await push(source.url, { path: "late", body: "b 1\n" });
  await nextMillisecond();
  await push(target.url, { path: "switched", body: "a 2\n" });
  await push(target.url, { path: "late", body: "b 2\n" });
  await nextMillisecond();
  await push(source.url, { path: "late", body: "b 3\n" });
  expect(await migrate(home, source.url)).toMatchObject({
    exitCode: 0,
    copied: 1,
    newer: 1,
    differences: [],
  });
  expect(await metricsOf(target.url, "switched")).toEqual({ a: 2 });
  expect(await metricsOf(target.url, "late")).toEqual({ b: 3 });
});

test("what the target refuses is told, and the rest is copied", async () => {
  await using source = await startReference();
  await using target = await startGateway({ flags: ["--push.max-labels=4"] });
  await using home = await createHome(target.url);
  await push(source.url, { path: "good", body: "a 1\n" });
  await push(source.url, { path: "bad", body: 'b{x="1",y="2",z="3"} 1\n' });
  expect(await migrate(home, source.url)).toMatchObject({
    exitCode: 1,
    copied: 1,
    failed: [{ labels: { job: "bad" }, reason: expect.stringContaining("push.max-labels") }],
    differences: [],
  });
  expect((await home.run(["migrate", `--from=${source.url}`, '--match={job="good"}'])).exitCode).toBe(0);
  const told = await home.run(["migrate", `--from=${source.url}`]);
  expect(told).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(/^not copied: \{job="bad"\}: /m) });
});

test("what differs afterwards is listed", async () => {
  await using source = await startReference();
  await using target = await startGateway();
  await using home = await createHome(target.url);
  await push(source.url, {
    path: "x",
    body: "# HELP a Right.\n# TYPE a counter\na 1\n# TYPE b gauge\nb 1\nc 1\n",
  });
  await migrate(home, source.url);
  // As somebody might have left it: the same time, other contents.
  const time = /^push_time_seconds\{.*job="x"\} (.*)$/m.exec(
    await (await fetch(`${source.url}/metrics`)).text(),
  )?.[1];
  await fetch(`${target.url}/metrics/job/x`, {
    method: "PUT",
    headers: { "Pushfleet-Push-Time": String(time) },
    body: "# HELP a Wrong.\n# TYPE a gauge\na 1\n# TYPE b gauge\nb 2\n",
  });
  expect(await migrate(home, source.url)).toMatchObject({
    exitCode: 1,
    there: 1,
    differences: [
      { family: "a", problem: "type", source: "counter", target: "gauge" },
      { family: "a", problem: "help", source: "Right.", target: "Wrong." },
      { family: "b", problem: "different", series: 1, source: expect.stringMatching(/^b\{.*\} 1$/) },
      { family: "c", problem: "missing", series: 1 },
    ],
  });
  expect((await home.run(["migrate", `--from=${source.url}`])).stdout).toInclude(
    'a: its type is "counter" at the source and "gauge" at the target\n',
  );
});

test("a Pushgateway that a bad push has broken can still be copied", async () => {
  await using source = await startReference();
  await using target = await startGateway();
  await using home = await createHome(target.url);
  await push(source.url, {
    path: "a",
    body: '# TYPE h histogram\nh_bucket{le="1"} 1\nh_sum 1\nh_count 1\na 1.5\n',
  });
  await push(source.url, { path: "a/instance/", body: "a 1\n" });
  expect((await fetch(`${source.url}/metrics`)).status).toBe(500);
  expect(await migrate(home, source.url, "--timeout=4s")).toMatchObject({
    exitCode: 0,
    copied: 1,
    source_scraped: false,
    differences: [],
  });
  expect(await metricsOf(target.url, "a")).toEqual({ a: 1.5, h_bucket: 1, h_sum: 1, h_count: 1 });
});

test("with --follow what is pushed at the source goes on being copied, until nothing is any more", async () => {
  await using source = await startReference();
  await using target = await startGateway();
  await using home = await createHome(target.url);
  await push(source.url, { path: "a", body: "a 1\n" });
  const args = ["migrate", `--from=${source.url}`, "--json", "--follow", "--interval=50ms"];
  const idle = home.start([...args, "--until-idle=2s"]);
  const endless = home.start(args);
  await expect.poll(() => metricsOf(target.url, "a"), { timeout: 15_000 }).toEqual({ a: 1 });
  await push(source.url, { path: "a", body: "a 2\n" });
  await push(source.url, { path: "b", body: "b 1\n" });
  await expect.poll(() => metricsOf(target.url, "a"), { timeout: 15_000 }).toEqual({ a: 2 });
  await expect.poll(() => metricsOf(target.url, "b"), { timeout: 15_000 }).toEqual({ b: 1 });
  const ended = await idle.ended;
  expect(ended.exitCode).toBe(0);
  expect(JSON.parse(ended.stdout)).toMatchObject({ differences: [], failed: [] });
  endless.signal("SIGINT");
  expect((await endless.ended).exitCode).toBe(0);
});

test("only administrators may take groups over, and mistakes are told", async () => {
  await using source = await startReference();
  await using rules = await rulesFile();
  await using target = await startGateway({ flags: [`--config.file=${rules.path}`] });
  await using home = await createHome(target.url);
  await push(source.url, { path: "a-1", body: "a 1\n" });
  const as = (token: string, ...args: string[]) =>
    home.run(["migrate", `--from=${source.url}`, ...args], { env: { PUSHFLEET_TOKEN: token } });
  expect(await as(tokens["team-a"])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("needs the role admin"),
  });
  expect(await as(tokens.ops)).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await as(tokens.ops, "--match=nonsense")).toMatchObject({ exitCode: 2 });
  expect(await as(tokens.ops, "--from-user=x")).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("--from-user needs --from-password-file"),
  });
  expect(await home.run(["migrate", `--from=${source.url}`, `--url=${source.url}`])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("the target a Pushfleet"),
  });
});
