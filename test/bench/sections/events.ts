import { type Bench, type Section, startAll } from "../bench.ts";
import { type StartContender, startEmbedded, startRedisStore } from "../contenders.ts";
import { followEvents, stayConnected } from "../followers.ts";
import { costRows, littleCost, measurePushes } from "../push-rounds.ts";
import { joinReports, type SectionReport } from "../report.ts";

const FOLLOWERS = 100;

/**
 * What those who follow the events of a gateway cost the pushes to it. The machine's processors are shared, so this is kept
 * fair: the same connections are there in both cases, only that in one of them nobody asks for anything; what the followers
 * themselves need (3 ms of processor time a second for 100 of them) is less than a rate can show; and the gateway's
 * own processor time for a push, in which nothing of theirs is, is compared as well.
 */
export const eventsSection: Section = async (bench) => {
  const reports = [];
  for (const start of [startEmbedded, startRedisStore]) reports.push(await besidePushes(start, bench));
  return joinReports(reports);
};

async function besidePushes(start: StartContender, bench: Bench): Promise<SectionReport> {
  const { heldGroups: groups, besideRounds, besideSeconds } = bench.pace;
  await using running = await startAll([[start, { groups }]], bench);
  const [gateway] = running.contenders;
  if (gateway === undefined) throw new Error("nothing was started");
  const connections = { port: gateway.port, count: FOLLOWERS };
  const subjects = [
    { ...gateway, name: `${gateway.name}, followed`, beside: () => followEvents(connections) },
    { ...gateway, name: `${gateway.name}, connected`, beside: () => stayConnected(connections) },
  ];
  const pace = { ...bench.pace, pushRounds: besideRounds, seconds: besideSeconds };
  const { results, details } = await measurePushes(subjects, { ...bench, pace });
  const [followed, connected] = results;
  if (followed === undefined || connected === undefined) throw new Error("nothing was measured");
  const name = `${gateway.name}, ${FOLLOWERS} followers / none, ${groups.toLocaleString("en")} groups`;
  return { comparisons: costRows(name, followed, connected, littleCost), details };
}
