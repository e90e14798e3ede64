import { setTimeout as delay } from "node:timers/promises";
import { startGateway } from "../support/gateway.ts";
import { startFront, type Taken, type Weather } from "./front.ts";
import { scraped } from "./metrics.ts";
import { createHome, type Home } from "./pushfleet.ts";
import { slackMs } from "./slack.ts";

export interface OutageOptions {
  /** Of all jobs together. */
  readonly runs: number;
  readonly jobs: number;
  /** Jobs that run at a time. */
  readonly atOnce: number;
  readonly timeoutMs: number;
}

export interface OutageReport {
  readonly runs: number;
  /** What went wrong, one line each. */
  readonly problems: readonly string[];
  /** Milliseconds from the end of a command to that of its `run`, in order of size. */
  readonly delaysMs: readonly number[];
  /** Runs that could not send their metrics at once. */
  readonly spooled: number;
}

interface JobRun {
  readonly job: string;
  readonly number: number;
  readonly exitCode: number;
}

const weathers: readonly Weather[] = ["up", "down", "silent", "failing", "up", "failing", "down", "silent"];

/**
 * Runs many commands while the gateway comes and goes, each job's one after the other; then sends what waits, and compares what
 * the gateway has with what was run.
 */
export async function runThroughOutage(options: OutageOptions): Promise<OutageReport> {
  await using gateway = await startGateway();
  await using front = await startFront(gateway.url);
  await using home = await createHome(front.url);
  const problems: string[] = [];
  const delaysMs: number[] = [];
  let spooled = 0;
  let finished = 0;
  const one = async (run: JobRun) => {
    const { exitCode, stdout, stderr, endedAtMs } = await home.run(argumentsOf(run, options));
    if (exitCode !== run.exitCode) problems.push(`${nameOf(run)} ended with ${exitCode}: ${stderr}`);
    if (stderr !== "") spooled++;
    const delayMs = endedAtMs - Number(stdout);
    delaysMs.push(delayMs);
    if (delayMs > options.timeoutMs) {
      const slack = await slackMs();
      if (delayMs > options.timeoutMs + slack)
        problems.push(`${nameOf(run)} was held up by ${delayMs} ms (slack ${Math.round(slack)} ms)`);
    }
    finished++;
    const next = weathers[Math.floor((finished / options.runs) * weathers.length)];
    if (next !== undefined && next !== weather) {
      weather = next;
      await front.turn(next);
    }
  };
  let weather: Weather = "up";
  const histories = historiesOf(options);
  const waiting = histories.values();
  const worker = async () => {
    for (const history of waiting) for (const run of history) await one(run);
  };
  await Promise.all(Array.from({ length: options.atOnce }, worker));
  if (weather !== "up") await front.turn("up");
  problems.push(...(await flushed(home)));
  problems.push(...(await differences(gateway.url, histories)), ...disorder(front.taken));
  return { runs: finished, problems, delaysMs: delaysMs.toSorted((a, b) => a - b), spooled };
}

/** The runs of each job, in order. Every third fails, each with a code of its own. */
function historiesOf({ runs, jobs }: OutageOptions): readonly (readonly JobRun[])[] {
  return Array.from({ length: jobs }, (_, j) =>
    Array.from({ length: Math.ceil((runs - j) / jobs) }, (_, number) => ({
      job: `job-${j}`,
      number,
      exitCode: (j + number) % 3 === 0 ? 1 + ((7 * number + j) % 100) : 0,
    })),
  );
}

function argumentsOf({ job, number, exitCode }: JobRun, { timeoutMs }: OutageOptions): readonly string[] {
  const script = `echo "::metric run_number ${number}"; date +%s%3N; exit ${exitCode}`;
  const options = [`--job=${job}`, `--timeout=${timeoutMs}ms`, "--metrics-from-stdout=::metric "];
  return ["run", ...options, "--", "sh", "-c", script];
}

async function flushed(home: Home): Promise<readonly string[]> {
  // What was being sent by a process that had to leave is taken back by the next after a while.
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await delay(200)) {
    const { exitCode } = await home.run(["spool", "flush"]);
    const { stdout } = await home.run(["spool", "list", "--json"]);
    if (exitCode === 0 && stdout === "") return [];
  }
  return ["the spool is not empty after a minute"];
}

/** What the gateway has and should not, or the other way round. */
async function differences(
  url: string,
  histories: readonly (readonly JobRun[])[],
): Promise<readonly string[]> {
  const samples = await scraped(url);
  return histories.flatMap((history) => {
    const last = history.at(-1);
    if (last === undefined) return [];
    const value = (name: string) => samples.get(`${name}{instance="",job="${last.job}"}`);
    const isSuccess = last.exitCode === 0;
    const hadSuccess = history.some(({ exitCode }) => exitCode === 0);
    const expected: readonly (readonly [what: string, isSo: boolean])[] = [
      ["run_number", value("run_number") === last.number],
      ["exit code", value("batch_job_exit_code") === last.exitCode],
      ["success", value("batch_job_success") === (isSuccess ? 1 : 0)],
      ["last success", (value("batch_job_last_success_timestamp_seconds") !== undefined) === hadSuccess],
      ["last failure", (value("batch_job_last_failure_timestamp_seconds") === undefined) === isSuccess],
    ];
    return expected.filter(([, isSo]) => !isSo).map(([what]) => `${nameOf(last)}: ${what} is wrong`);
  });
}

/** Pushes of a group that tell of an earlier start than one before them. */
function disorder(taken: readonly Taken[]): readonly string[] {
  const latest = new Map<string, number>();
  return taken.flatMap(({ path, body }) => {
    const start = Number(/^batch_job_last_start_timestamp_seconds (\S+)$/m.exec(body)?.[1]);
    const before = latest.get(path) ?? 0;
    latest.set(path, Math.max(start, before));
    return start < before ? [`${path}: a push of ${start} came after one of ${before}`] : [];
  });
}

function nameOf({ job, number }: JobRun): string {
  return `run ${number} of ${job}`;
}
