import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { startReference } from "../support/reference.ts";
import { metricsOf, scraped } from "./metrics.ts";
import { createHome, type Home } from "./pushfleet.ts";

const push = (home: Home, input: string, ...args: string[]) => home.run(["push", ...args], { input });

test("push replaces the group, or with --merge what has the same names", async () => {
  await using gateway = await startGateway();
  await using home = await createHome(gateway.url);
  const ok = { exitCode: 0, stdout: "", stderr: "" };
  expect(await push(home, "a 1\nb 1\n", "--job=x")).toMatchObject(ok);
  expect(await push(home, "b 2", "--job=x", "--merge")).toMatchObject(ok);
  expect(await metricsOf(gateway.url, "x")).toEqual({ a: 1, b: 2 });
  const file = join(home.directory, "metrics.prom");
  await writeFile(file, "c 3\n");
  expect(await home.run(["push", "--job=x", file])).toMatchObject(ok);
  expect(await metricsOf(gateway.url, "x")).toEqual({ c: 3 });
});

test("all that a label can be gets into the group, and out again", async () => {
  await using gateway = await startGateway();
  await using home = await createHome(gateway.url);
  const group = [
    "--job=nightly backup",
    "--instance=db-1:5432",
    "--label=dir=/var/lib",
    '--label=text=ü="é"%2F\n',
  ];
  await push(home, "size_bytes 1\n", ...group, "--ttl=1h");
  expect(
    (await scraped(gateway.url)).get(
      'size_bytes{dir="/var/lib",instance="db-1:5432",job="nightly backup",text="ü=\\"é\\"%2F\\n"}',
    ),
  ).toBe(1);
  const listed = JSON.parse((await home.run(["groups", "--json"])).stdout);
  expect(listed).toMatchObject({ labels: { dir: "/var/lib" }, remaining_ttl_seconds: expect.any(Number) });
  expect((await home.run(["get", ...group])).stdout).toInclude('text="ü=\\"é\\"%2F\\n"} 1');
  expect((await home.run(["get", listed.id])).stdout).toInclude("size_bytes");
  expect(await home.run(["delete", ...group])).toMatchObject({ exitCode: 0, stdout: "" });
  expect(await home.run(["get", ...group])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("there is no group"),
  });
});

test("what get prints is what was pushed", async () => {
  await using gateway = await startGateway();
  await using home = await createHome(gateway.url);
  const pushed = `# HELP h Sizes \\\\ of things.
# TYPE h histogram
h_bucket{le="0.5"} 1
h_bucket{le="10"} 4
h_bucket{le="+Inf"} 5
h_sum 1e+06
h_count 5
# TYPE n_total counter
n_total{kind="a\\"b"} 1
n_total{kind="c"} NaN
# TYPE s summary
s{quantile="0.5"} 3
s_sum 7
s_count 2
`;
  await push(home, pushed, "--job=x");
  const { stdout } = await home.run(["get", "--job=x"]);
  expect(stdout.replaceAll(/\{job="x"\}/g, "").replaceAll(/job="x",|,job="x"/g, "")).toBe(pushed);
  await push(home, stdout, "--job=x");
  expect((await home.run(["get", "--job=x"])).stdout).toBe(stdout);
});

test("what the gateway refuses fails with its words", async () => {
  await using gateway = await startGateway();
  await using home = await createHome(gateway.url);
  expect(await push(home, "what is this?\n", "--job=x")).toMatchObject({
    exitCode: 1,
    stderr: `pushfleet: PUT ${gateway.url}/metrics/job/x was answered 400: text format parsing error in line 1: expected float as value, got "is"\n`,
  });
  expect(await home.run(["groups", "--match=nonsense"])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("was answered 400: match[]: "),
  });
  expect(await home.run(["push", "--job=x", "/no/such/file"])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("no such file"),
  });
});

test("groups are filtered, sorted and counted", async () => {
  await using gateway = await startGateway();
  await using home = await createHome(gateway.url);
  for (const [i, job] of ["etl", "backup", "ci"].entries()) {
    await push(
      home,
      "a 1\n".repeat(1) + Array.from({ length: i }, (_, n) => `b${n} 1\n`).join(""),
      `--job=${job}`,
      "--label=team=x",
    );
  }
  await push(home, "a 1 123\n", "--job=bad");
  const jobs = async (...args: string[]) => {
    const { stdout } = await home.run(["groups", "--json", ...args]);
    return stdout
      .trim()
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line).labels.job);
  };
  expect(await jobs("--sort=job")).toEqual(["backup", "bad", "ci", "etl"]);
  expect(await jobs("--sort=series", "--limit=2")).toEqual(["ci", "backup"]);
  expect(await jobs("--sort=job", "--order=desc", '--match={team="x"}')).toEqual(["etl", "ci", "backup"]);
  expect(await jobs("--search=y ci")).toEqual([]);
  expect(await jobs("--search=x ci")).toEqual(["ci"]);
  expect(await jobs("--failed")).toEqual(["bad"]);
  expect(await jobs("--stale=1h")).toEqual(["bad"]);
  const table = (await home.run(["groups", "--sort=job"])).stdout;
  expect(table).toMatch(
    /^LAST PUSH +REFUSED +EXPIRES +SERIES +BYTES +GROUP\n\d+s ago +2 +\d+ +\{job="backup",team="x"\}\nnever +\d+s ago +0 +0 +\{job="bad"\}\n.*\n.*\n4 of 4 shown, of 4 groups in all\n$/,
  );
  expect((await home.run(["groups"], { env: { FORCE_COLOR: "1" } })).stdout).toInclude("\u001b[");
  expect((await home.run(["groups", "--no-color"], { env: { FORCE_COLOR: "1" } })).stdout).not.toInclude(
    "\u001b[",
  );
});

test("watch shows what changes until it is interrupted, also across a restart of the gateway", async () => {
  await using first = await startGateway();
  await using home = await createHome(first.url);
  const watching = home.start(["groups", "--watch"]);
  await expect.poll(() => watching.output(), { timeout: 15_000 }).toInclude("0 of 0 shown");
  await push(home, "a 1\n", "--job=fresh");
  await expect.poll(() => watching.output(), { timeout: 15_000 }).toInclude('{job="fresh"}');
  await first.process.stop();
  await using _second = await startGateway({ port: Number(new URL(first.url).port) });
  await push(home, "a 1\n", "--job=after");
  await expect.poll(() => watching.output(), { timeout: 15_000 }).toInclude('{job="after"}');
  watching.signal("SIGINT");
  expect((await watching.ended).exitCode).toBe(0);
});

test("a selector deletes what it matches, and no more than allowed", async () => {
  await using gateway = await startGateway();
  await using home = await createHome(gateway.url);
  for (const instance of ["db-1", "db-2", "web"])
    await push(home, "a 1\n", "--job=x", `--instance=${instance}`);
  const remove = (...args: string[]) => home.run(["delete", '--match={instance=~"db-.*"}', ...args]);
  expect(await remove("--dry-run")).toMatchObject({ exitCode: 0, stdout: "2 groups would be deleted\n" });
  expect(await remove("--max=1")).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("answered 409"),
  });
  expect(await remove("--json")).toMatchObject({
    exitCode: 0,
    stdout: '{"matched":2,"deleted":2,"dry_run":false}\n',
  });
  expect(await home.run(["groups", "--json"])).toMatchObject({
    stdout: expect.stringMatching(/^.*"web".*\n$/),
  });
  for (const args of [[], ["--job=x", '--match={job="x"}'], ["--job=x", "--dry-run"]])
    expect((await home.run(["delete", ...args])).exitCode).toBe(2);
});

test("another gateway is asked when the first cannot be reached", async () => {
  await using gateway = await startGateway();
  await using home = await createHome(`http://127.0.0.1:1,${gateway.url}`);
  expect(await push(home, "a 1\n", "--job=x")).toMatchObject({ exitCode: 0 });
  expect(await home.run(["get", "--job=x"])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("a{"),
  });
});

test("nobody who answers fails after --timeout", async () => {
  await using home = await createHome("http://127.0.0.1:1");
  expect(await push(home, "a 1\n", "--job=x", "--timeout=200ms")).toMatchObject({
    exitCode: 1,
    stderr: "pushfleet: PUT http://127.0.0.1:1/metrics/job/x failed: connect ECONNREFUSED 127.0.0.1:1\n",
  });
});

test("what only Pushfleet has fails with a Prometheus Pushgateway, all else works", async () => {
  await using reference = await startReference();
  await using home = await createHome(reference.url);
  expect(await home.run(["run", "--job=a/b", "--ttl=1h", "--", "true"])).toMatchObject({
    exitCode: 0,
    stderr: "",
  });
  expect(await metricsOf(reference.url, "a/b")).toMatchObject({ batch_job_success: 1 });
  expect(await home.run(["groups"])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("404") });
});

test("help, version and mistakes", async () => {
  await using home = await createHome("http://127.0.0.1:1");
  const overview = await home.run(["--help"]);
  expect(overview).toMatchObject({ exitCode: 0, stderr: "" });
  expect((await home.run([])).stdout).toBe(overview.stdout);
  for (const [, name = ""] of overview.stdout.matchAll(/^ {2}(\w+) {2,}/gm)) {
    const help = await home.run([name, "--help"]);
    expect(help).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(new RegExp(`^usage: pushfleet ${name} `)),
    });
    expect(help.stdout).toInclude("Examples:");
  }
  expect((await home.run(["--version"])).stdout).toMatch(/^pushfleet \d+\.\d+\.\d+ \(v24\./);
  expect(await home.run(["pusch"])).toMatchObject({
    exitCode: 2,
    stderr: 'pushfleet: there is no command "pusch"; pushfleet --help tells what there is\n',
  });
});

test("output that nobody reads to its end is no failure", async () => {
  await using gateway = await startGateway();
  await using home = await createHome(gateway.url);
  await push(home, "a 1\n", "--job=x");
  const running = home.start(["groups", "--json"]);
  running.closeStdout();
  expect(await running.ended).toMatchObject({ exitCode: 0, stderr: "" });
});
