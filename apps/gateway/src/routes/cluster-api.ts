import { type ClusterState, StoreUnavailable } from "@pushfleet/store";
import { inTime } from "@pushfleet/view";
import type { Handler } from "express";
import { answerData } from "../api/answer.ts";
import { memberSummary, redisSummary } from "../api/cluster-summary.ts";
import { readParameters } from "../api/parameters.ts";
import { type Context, storeKind } from "../context.ts";

/** So long a Redis that hangs is waited for: people look at this when something is wrong. */
const patienceMs = 2_000;

/** GET /api/v1/cluster: the processes that share the store, and how it is. Answers without the store too. */
export function describeCluster({
  cluster,
  config,
  readingFor,
  identity,
  replication,
  report,
}: Context): Handler {
  const kind = storeKind(config);
  return async (request, response) => {
    readParameters(request, []);
    const { serve, view } = readingFor(request, "read");
    const [served, described] = await Promise.all([
      unlessUnavailable(serve()),
      unlessUnavailable(inTime(cluster.describe(), patienceMs)),
    ]);
    const last = served ?? (await view.last());
    const { nowMs, members, redis }: ClusterState = described ?? {
      nowMs: Date.now(),
      members: [],
      redis: null,
    };
    const self = { report: report(), seenAtMs: nowMs };
    const others = members.filter((member) => member.report.id !== identity.id);
    answerData(response, {
      now: new Date(nowMs).toISOString(),
      self: identity.id,
      ...(replication === null ? {} : { region: replication.region }),
      store: {
        kind,
        up: described !== null && served?.isFresh === true,
        groups: last?.snapshot.groupCount ?? 0,
        view_age_seconds: (last?.ageMs ?? 0) / 1000,
        ...(kind === "redis" ? { redis: redis === null ? null : redisSummary(redis) } : {}),
      },
      members: [self, ...others].map((member) => memberSummary(member, nowMs)).sort(byKindAndName),
    });
  };
}

async function unlessUnavailable<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof StoreUnavailable) return null;
    throw error;
  }
}

type Named = Pick<ReturnType<typeof memberSummary>, "kind" | "name" | "id">;

/** Those that serve come first. */
const kinds: readonly Named["kind"][] = ["gateway", "federator", "reaper"];

function byKindAndName(a: Named, b: Named): number {
  return (
    kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || a.name.localeCompare(b.name) || a.id.localeCompare(b.id)
  );
}
