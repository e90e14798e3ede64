import type { IndexedGroup } from "./indexed-group.ts";

/** The groups of one job, rolled up. */
export interface JobSummary {
  readonly job: string;
  readonly groups: number;
  readonly series: number;
  readonly bytes: number;
  /** Of the latest successful push to any of them, microseconds since the epoch; 0 when there was none. */
  readonly pushedAtMicros: number;
  /** Groups whose last push was refused. */
  readonly failing: number;
  /** When the next of them expires, milliseconds since the epoch; null = never. */
  readonly expiresAtMs: number | null;
}

/** In order of the names. */
export function summariseJobs(groups: Iterable<IndexedGroup>): readonly JobSummary[] {
  const jobs = new Map<string, JobSummary>();
  for (const group of groups) jobs.set(group.job, withGroup(jobs.get(group.job), group));
  return [...jobs.values()].sort((a, b) => (a.job < b.job ? -1 : 1));
}

function withGroup(
  summary: JobSummary | undefined,
  { job, state, series, bytes, isFailing }: IndexedGroup,
): JobSummary {
  const { pushedAtMicros, expiresAtMs } = state;
  const failing = isFailing ? 1 : 0;
  if (summary === undefined) return { job, groups: 1, series, bytes, pushedAtMicros, failing, expiresAtMs };
  return {
    job,
    groups: summary.groups + 1,
    series: summary.series + series,
    bytes: summary.bytes + bytes,
    pushedAtMicros: Math.max(summary.pushedAtMicros, pushedAtMicros),
    failing: summary.failing + failing,
    expiresAtMs: earlier(summary.expiresAtMs, expiresAtMs),
  };
}

function earlier(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
