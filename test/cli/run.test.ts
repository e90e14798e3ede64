import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { startFront } from "./front.ts";
import { metricsOf, scraped } from "./metrics.ts";
import { createHome, start } from "./pushfleet.ts";
import { slackMs } from "./slack.ts";

const sh = (script: string) => ["--", "sh", "-c", script];

test("a success is told with its times, a failure leaves the last success", async () => {
  await using gateway = await startGateway();
  await using home = await createHome(gateway.url);
  const before = Date.now() / 1000;
  const first = await home.run(["run", "--job=backup", ...sh("echo done")]);
  expect(first).toMatchObject({ exitCode: 0, stdout: "done\n", stderr: "" });
  const success = await metricsOf(gateway.url, "backup");
  expect(success).toEqual({
    batch_job_duration_seconds: expect.any(Number),
    batch_job_exit_code: 0,
    batch_job_last_completion_timestamp_seconds: expect.any(Number),
    batch_job_last_start_timestamp_seconds: expect.any(Number),
    batch_job_last_success_timestamp_seconds: success["batch_job_last_completion_timestamp_seconds"],
    batch_job_success: 1,
  });
  const { batch_job_last_start_timestamp_seconds: start = 0, batch_job_duration_seconds: duration = 0 } =
    success;
  expect(start).toBeWithin(before, Date.now() / 1000);
  expect(success["batch_job_last_completion_timestamp_seconds"]).toBeCloseTo(start + duration, 2);

  const second = await home.run(["run", "--job=backup", ...sh("exit 42")]);
  expect(second).toMatchObject({ exitCode: 42, stdout: "", stderr: "" });
  const failure = await metricsOf(gateway.url, "backup");
  expect(failure).toMatchObject({
    batch_job_exit_code: 42,
    batch_job_success: 0,
    batch_job_last_success_timestamp_seconds: success["batch_job_last_success_timestamp_seconds"],
    batch_job_last_failure_timestamp_seconds: failure["batch_job_last_completion_timestamp_seconds"],
  });
});

test("the start is told while the command runs", async () => {
  await using gateway = await startGateway();
  await using home = await createHome(gateway.url);
  const running = home.start(["run", "--job=long", "--", "sleep", "60"]);
  await expect
    .poll(() => metricsOf(gateway.url, "long"), { timeout: 10_000 })
    .toEqual({ batch_job_last_start_timestamp_seconds: expect.any(Number) });
  running.signal("SIGTERM");
  expect((await running.ended).exitCode).toBe(128 + 15);
  expect(await metricsOf(gateway.url, "long")).toMatchObject({
    batch_job_exit_code: 143,
    batch_job_success: 0,
  });
});

test.each([
  ["SIGINT", 2],
  ["SIGTERM", 15],
  ["SIGHUP", 1],
  ["SIGQUIT", 3],
  ["SIGUSR1", 10],
  ["SIGUSR2", 12],
] as const)("%s goes to the command, which decides", async (signal, number) => {
  await using gateway = await startGateway();
  await using home = await createHome(gateway.url);
  const patient = home.start([
    "run",
    "--job=patient",
    ...sh(`trap 'echo got it; exit 7' ${number}; echo ready; while :; do sleep 0.05; done`),
  ]);
  await expect.poll(() => patient.output(), { timeout: 10_000 }).toBe("ready\n");
  patient.signal(signal);
  expect(await patient.ended).toMatchObject({ exitCode: 7, stdout: "ready\ngot it\n" });
});

test("a command that does not exist is 127, one that cannot be run 126, both told", async () => {
  await using gateway = await startGateway();
  await using home = await createHome(gateway.url);
  const missing = await home.run(["run", "--job=missing", "no-such-command"]);
  expect(missing).toMatchObject({ exitCode: 127, stderr: expect.stringContaining("no-such-command") });
  await writeFile(join(home.directory, "plain"), "", { mode: 0o644 });
  const plain = await home.run(["run", "--job=plain", "--", join(home.directory, "plain")]);
  expect(plain).toMatchObject({ exitCode: 126, stderr: expect.stringContaining("EACCES") });
  const below = await home.run(["run", "--job=below", "--", join(home.directory, "plain", "job")]);
  expect(below).toMatchObject({ exitCode: 126, stderr: expect.stringMatching(/^pushfleet: .*ENOTDIR\n$/) });
  for (const [job, code] of [
    ["missing", 127],
    ["plain", 126],
    ["below", 126],
  ] as const) {
    expect(await metricsOf(gateway.url, job)).toMatchObject({
      batch_job_exit_code: code,
      batch_job_success: 0,
    });
  }
});

test("input, output and arguments are the command's own", async () => {
  await using gateway = await startGateway();
  await using home = await createHome(gateway.url);
  const { stdout, stderr, exitCode } = await home.run(
    ["run", "--job=echo", "sh", "-c", 'cat; echo "$@" >&2', "sh", "--job=other", "-h", "a b"],
    { input: "from stdin" },
  );
  expect({ stdout, stderr, exitCode }).toEqual({
    stdout: "from stdin",
    stderr: "--job=other -h a b\n",
    exitCode: 0,
  });
});

test("wrong usage runs nothing", async () => {
  await using home = await createHome("http://127.0.0.1:1");
  for (const args of [["true"], ["--job=a"], ["--job=a", "--nope", "true"], ["--job=a", "--ttl=x", "true"]]) {
    const { exitCode, stderr } = await home.run(["run", ...args]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringMatching(/^pushfleet: .*\n$/) });
  }
});

test("a success with metrics of its own replaces the group, a failure and --merge do not", async () => {
  await using gateway = await startGateway();
  await using home = await createHome(gateway.url);
  const file = join(home.directory, "job.prom");
  const run = (script: string, ...options: string[]) =>
    home.run(["run", "--job=etl", `--metrics-file=${file}`, ...options, ...sh(script)]);
  await run(`printf 'rows 10\\nold 1\\n' > ${file}`);
  expect(await metricsOf(gateway.url, "etl")).toMatchObject({ rows: 10, old: 1 });
  await run(`echo 'rows 3' > ${file}; exit 1`);
  expect(await metricsOf(gateway.url, "etl")).toMatchObject({ rows: 3, old: 1, batch_job_success: 0 });
  await run(`echo 'rows 20' > ${file}`, "--merge");
  expect(await metricsOf(gateway.url, "etl")).toMatchObject({ rows: 20, old: 1, batch_job_success: 1 });
  await run(`echo 'rows 30' > ${file}`);
  const last = await metricsOf(gateway.url, "etl");
  expect(last).toMatchObject({ rows: 30, batch_job_success: 1 });
  expect(last).not.toHaveProperty("old");
});

test("a file that the command did not write is left alone, and so are lines that are no metrics", async () => {
  await using gateway = await startGateway();
  await using home = await createHome(gateway.url);
  const file = join(home.directory, "job.prom");
  const run = (script: string) => home.run(["run", "--job=etl", `--metrics-file=${file}`, ...sh(script)]);
  expect((await run("true")).stderr).toInclude("ENOENT");
  expect((await run(`printf 'rows 1\\nwhat is this?\\nsize 2' > ${file}`)).stderr).toMatch(
    /line 2.*left out/,
  );
  expect(await metricsOf(gateway.url, "etl")).toMatchObject({ rows: 1, size: 2 });
  expect((await run("true")).stderr).toInclude("did not write");
  expect(await metricsOf(gateway.url, "etl")).not.toHaveProperty("rows");
});

test("what the gateway refuses of the command's metrics does not take the others along", async () => {
  await using gateway = await startGateway();
  await using home = await createHome(gateway.url);
  await home.run(["push", "--job=other"], { input: "# TYPE rows counter\nrows 1\n" });
  const { exitCode, stderr } = await home.run([
    "run",
    "--job=etl",
    "--metrics-from-stdout=::metric ",
    ...sh(
      "echo '::metric # TYPE rows gauge'; echo '::metric rows 5'; echo '::metric batch_job_success 7'; echo '::metric size 2'",
    ),
  ]);
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/batch_job_success of the command is left out.*\n.*rows of .* was refused/);
  const metrics = await metricsOf(gateway.url, "etl");
  expect(metrics).toMatchObject({ batch_job_success: 1, size: 2 });
  expect(metrics).not.toHaveProperty("rows");
});

test("lines with the prefix become metrics, all else passes", async () => {
  await using gateway = await startGateway();
  await using home = await createHome(gateway.url);
  const { stdout, exitCode } = await home.run([
    "run",
    "--job=load",
    "--metrics-from-stdout=::metric ",
    ...sh(
      `echo one; echo '::metric rows{table="a"} 5'; printf '::met'; echo 'ric size 2'; printf two; exit 3`,
    ),
  ]);
  expect({ stdout, exitCode }).toEqual({ stdout: "one\ntwo", exitCode: 3 });
  expect((await scraped(gateway.url)).get('rows{instance="",job="load",table="a"}')).toBe(5);
  expect(await metricsOf(gateway.url, "load")).toMatchObject({ size: 2, batch_job_exit_code: 3 });
});

test("output that cannot be written does not hold up the command", async () => {
  await using home = await createHome("http://127.0.0.1:1");
  const { stdout, stderr } = await home.run([
    "run",
    "--job=outer",
    "--quiet",
    "--timeout=100ms",
    ...sh(
      `'${process.execPath}' '${start}' run --job=full --quiet --timeout=100ms --metrics-from-stdout=:: -- sh -c 'yes | head -c 3000000; exit 3' > /dev/full; echo $?`,
    ),
  ]);
  expect({ stdout, stderr }).toEqual({ stdout: "3\n", stderr: expect.stringContaining("ENOSPC") });
});

test("what the command leaves running does not hold anybody up", async () => {
  await using gateway = await startGateway();
  await using home = await createHome(gateway.url);
  const { exitCode, stdout, endedAtMs } = await home.run([
    "run",
    "--job=daemon",
    "--metrics-from-stdout=::metric ",
    ...sh(`sleep 30 2>/dev/null & echo '::metric size 2'; date +%s%3N`),
  ]);
  expect(exitCode).toBe(0);
  expect(endedAtMs - Number(stdout)).toBeLessThan(1_000 + (await slackMs()));
  expect(await metricsOf(gateway.url, "daemon")).toMatchObject({ size: 2 });
});

test("CPU and memory of the command and its children", async () => {
  await using gateway = await startGateway();
  await using home = await createHome(gateway.url);
  const script = "const b=Buffer.alloc(80e6,1); const t=Date.now(); while(Date.now()-t<400) b[0]++;";
  await home.run(["run", "--job=hard", "--resources", ...sh(`'${process.execPath}' -e '${script}'; true`)]);
  const all = await scraped(gateway.url);
  expect(all.get('batch_job_cpu_seconds{instance="",job="hard",mode="user"}')).toBeWithin(0.1, 20);
  const metrics = await metricsOf(gateway.url, "hard");
  expect(metrics["batch_job_resident_memory_max_bytes"]).toBeWithin(80e6, 1e9);
});

test("a gateway that is down, silent or failing neither fails nor holds up the job", async () => {
  await using gateway = await startGateway();
  await using front = await startFront(gateway.url);
  await using home = await createHome(front.url);
  for (const [i, weather] of (["down", "silent", "failing"] as const).entries()) {
    await front.turn(weather);
    const { exitCode, stdout, stderr, endedAtMs } = await home.run([
      "run",
      "--job=backup",
      "--timeout=500ms",
      ...sh(`date +%s%3N; exit ${i}`),
    ]);
    expect(exitCode).toBe(i);
    expect(stderr).toMatch(/metrics of \{job="backup"\} could not be sent and wait in .*spool/);
    expect(endedAtMs - Number(stdout)).toBeLessThan(500 + (await slackMs()));
  }
  expect(front.taken).toBeEmpty();
  expect((await home.run(["spool", "list", "--json"])).stdout.trim().split("\n")).toHaveLength(1);

  // The next run sends what waits; the last success is that of the first.
  await front.turn("up");
  expect(await home.run(["run", "--job=backup", "--", "false"])).toMatchObject({ exitCode: 1, stderr: "" });
  expect(await metricsOf(gateway.url, "backup")).toMatchObject({
    batch_job_exit_code: 1,
    batch_job_last_success_timestamp_seconds: expect.any(Number),
  });
  expect((await home.run(["spool", "list"])).stdout).toBe("");
});

test("what waits of other groups is sent by the next run, by push and by flush", async () => {
  await using gateway = await startGateway();
  await using front = await startFront(gateway.url);
  await using home = await createHome(front.url);
  const missed = async (job: string) => {
    await front.turn("down");
    await home.run(["run", `--job=${job}`, "--quiet", "--timeout=100ms", "--", "true"]);
    await front.turn("up");
    expect(await metricsOf(gateway.url, job)).toEqual({});
  };
  const success = { batch_job_success: 1 };
  await missed("a");
  await home.run(["run", "--job=other", "--", "true"]);
  expect(await metricsOf(gateway.url, "a")).toMatchObject(success);
  await missed("b");
  await home.run(["push", "--job=other"], { input: "x 1\n" });
  expect(await metricsOf(gateway.url, "b")).toMatchObject(success);
  await missed("c");
  expect(await home.run(["spool", "flush"])).toMatchObject({
    exitCode: 0,
    stdout: "metrics of 1 group sent\n",
  });
  expect(await metricsOf(gateway.url, "c")).toMatchObject(success);
  expect(await readdir(join(home.spool, ...(await readdir(home.spool)), "pending"))).toBeEmpty();
});

test("without a place for the spool, metrics are sent all the same", async () => {
  await using gateway = await startGateway();
  await using home = await createHome(gateway.url);
  const file = join(home.directory, "file");
  await writeFile(file, "");
  const nowhere = { env: { PUSHFLEET_SPOOL_DIR: join(file, "spool") } };
  expect(await home.run(["run", "--job=a", "--", "true"], nowhere)).toMatchObject({
    exitCode: 0,
    stderr: "",
  });
  expect(await metricsOf(gateway.url, "a")).toMatchObject({ batch_job_success: 1 });
  expect(await home.run(["push", "--job=b"], { ...nowhere, input: "x 1\n" })).toMatchObject({
    exitCode: 0,
    stderr: "",
  });
  const lost = await home.run(
    ["run", "--job=a", "--url=http://127.0.0.1:1", "--timeout=200ms", "--", "true"],
    nowhere,
  );
  expect(lost).toMatchObject({
    exitCode: 0,
    stderr: expect.stringMatching(/could not be sent .* not be kept/),
  });
});

test("a run whose own settings are broken runs all the same", async () => {
  await using home = await createHome("http://127.0.0.1:1");
  const broken = {
    env: { PUSHFLEET_USER: "a", PUSHFLEET_PASSWORD_FILE: "/nowhere", PUSHFLEET_URL: "ftp://x" },
  };
  expect(await home.run(["run", "--job=a", "--", "sh", "-c", "exit 5"], broken)).toMatchObject({
    exitCode: 5,
    stderr: expect.stringMatching(/^pushfleet: metrics are not sent: /),
  });
});
