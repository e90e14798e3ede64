import type { GroupMetrics } from "@pushfleet/client";
import { formatDuration } from "@pushfleet/config/values";
import { failureTime, numberOf, pushTime } from "../family-answer.ts";
import { labelText } from "../grouping.ts";
import { printable } from "../terminal.ts";
import { type Check, checksAbout } from "./check.ts";

interface GroupCheckOptions {
  readonly nowMs: number;
  /** How long a group may go without a push before it is told. */
  readonly staleMs: number;
}

/** Looks for groups that are refused, and for those that nobody will ever remove. */
export function checkGroups(groups: readonly GroupMetrics[], options: GroupCheckOptions): readonly Check[] {
  return [failingCheck(groups), staleCheck(groups, options)];
}

function failingCheck(groups: readonly GroupMetrics[]): Check {
  const { ok, warn } = checksAbout("failing groups");
  const failing = groups.filter((group) => timeOf(group, failureTime) > timeOf(group, pushTime));
  if (failing.length === 0) return ok(`the last push of each of ${groups.length} was taken`);
  return warn(
    `the last push of ${some(failing)} was refused; push again with curl or "pushfleet push" to see why, or look into the gateway's log`,
  );
}

function staleCheck(groups: readonly GroupMetrics[], { nowMs, staleMs }: GroupCheckOptions): Check {
  const { ok, warn } = checksAbout("stale groups");
  const since = (nowMs - staleMs) / 1000;
  const stale = groups.filter((group) => group.remainingTtlSeconds === undefined && lastTime(group) < since);
  const age = formatDuration(staleMs);
  if (stale.length === 0) return ok(`each was pushed to within ${age} or has a time to live`);
  return warn(
    `${some(stale)} had no push for ${age} and no time to live; delete what is over, and push with --ttl or set ttl.rules`,
  );
}

/** `3 groups, such as {job="a"},`: how many, and one of them. */
function some(groups: readonly GroupMetrics[]): string {
  const example = printable(labelText(groups[0]?.labels ?? {}));
  return groups.length === 1 ? example : `${groups.length} groups, such as ${example},`;
}

/** One that is still tried is not forgotten. */
function lastTime(group: GroupMetrics): number {
  return Math.max(timeOf(group, pushTime), timeOf(group, failureTime));
}

function timeOf({ families }: GroupMetrics, name: string): number {
  return numberOf(families.find((family) => family.name === name)?.metrics[0]?.value);
}
