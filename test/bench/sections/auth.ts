import { Agent, request } from "node:http";
import { type Bench, type Section, startAll } from "../bench.ts";
import { type Contender, startEmbedded, startGuarded } from "../contenders.ts";
import { costRows, measureFreshProcesses } from "../push-rounds.ts";
import { joinReports, type SectionReport, withinLimit } from "../report.ts";
import { median } from "../rounds.ts";
import { groupPath, pushBody } from "../workload.ts";

const limits = { rate: { atLeast: 0.9 }, time: { atMost: 1.1 } } as const;

/** What it costs that the gateway finds out who sends a push and whether they may. */
export const authSection: Section = async (bench) =>
  joinReports([await everyPush(bench), await besideFirstCheck(bench)]);

async function everyPush(bench: Bench): Promise<SectionReport> {
  const { heldGroups: groups, besideRounds, besideSeconds: seconds } = bench.pace;
  const starts = [startEmbedded, startGuarded("token"), startGuarded("password")];
  const { results, details } = await measureFreshProcesses(
    starts.map((start) => [start, { groups }]),
    besideRounds,
    { ...bench, pace: { ...bench.pace, pushRounds: 1, seconds } },
  );
  const [open, token, password] = results;
  if (open === undefined || token === undefined || password === undefined)
    throw new Error("nothing was measured");
  const at = `${groups.toLocaleString("en")} groups`;
  return {
    comparisons: [
      ...costRows(`embedded, by token / open to all, ${at}`, token, open, limits),
      ...costRows(`embedded, by password / open to all, ${at}`, password, open, limits),
    ],
    details,
  };
}

/** Milliseconds: a few checks of a password at the usual cost. */
const windowMs = 200;

/**
 * How much longer others wait while a password is checked for the first time, which takes a thread some 60 ms: the longest
 * wait of somebody who pushes without a pause, in windows with such a check and without in turn.
 */
async function besideFirstCheck(bench: Bench): Promise<SectionReport> {
  await using running = await startAll([[startGuarded("token"), { groups: 100 }]], bench);
  const [gateway] = running.contenders;
  if (gateway === undefined) throw new Error("nothing was started");
  using agent = new ClosingAgent({ keepAlive: true });
  const windows = 10 * bench.pace.besideRounds;
  const [quiet, beside]: [number[], number[]] = [[], []];
  for (let window = 0; window < windows; window++) {
    quiet.push(await longestWait(gateway, agent));
    const wrong = `Basic ${btoa(`team:wrong-${window}`)}`;
    const [longest] = await Promise.all([
      longestWait(gateway, agent),
      push({ ...gateway, authorization: wrong }, new Agent(), 401),
    ]);
    beside.push(longest);
  }
  const extra = median(beside.map((longest, window) => longest - (quiet[window] ?? Number.NaN)));
  bench.say(
    `longest wait: ${median(quiet).toFixed(1)} ms, beside a first check ${median(beside).toFixed(1)} ms`,
  );
  const name = "longest wait of others, more of it while a password is first checked";
  return {
    comparisons: [withinLimit({ name, unit: "ms", value: Math.max(0, extra), limit: 5 })],
    details: [],
  };
}

class ClosingAgent extends Agent implements Disposable {
  [Symbol.dispose](): void {
    this.destroy();
  }
}

async function longestWait(gateway: Contender, agent: Agent): Promise<number> {
  let longest = 0;
  const end = performance.now() + windowMs;
  for (let now = performance.now(); now < end; ) {
    await push(gateway, agent, 200);
    longest = Math.max(longest, performance.now() - now);
    now = performance.now();
  }
  return longest;
}

function push({ port, authorization = "" }: Contender, agent: Agent, expected: number): Promise<void> {
  const options = {
    port,
    agent,
    host: "127.0.0.1",
    method: "PUT",
    path: groupPath(0),
    headers: { Authorization: authorization },
  };
  return new Promise((resolve, reject) => {
    const sent = request(options, (response) => {
      response.resume().on("end", resolve);
      if (response.statusCode !== expected) reject(new Error(`a push was answered ${response.statusCode}`));
    });
    sent.on("error", reject).end(pushBody(0));
  });
}
