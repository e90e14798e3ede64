import type { Cluster, Member } from "../api/types.ts";
import { formatDuration } from "../format/duration.ts";
import { counted, formatBytes } from "../format/quantity.ts";
import { type PeerRegion, peerRegions } from "./peer-regions.ts";

/** Replicas this far behind would lose that much in a failover, were it not for acknowledgements. */
const LAG_BYTES = 1_000_000;
/** A replica is heard of every second. */
const SILENT_SECONDS = 10;
/** Changes reach another region within a second or two. */
const LAG_SECONDS = 30;

/** What somebody should look at, worst first; empty when the cluster is well. */
export function clusterProblems(cluster: Cluster): readonly string[] {
  const { store, members } = cluster;
  const late = members.filter(({ health }) => health === "late");
  const replicas = store.redis?.replicas ?? [];
  return [
    ...(store.up ? [] : ["The store does not answer: pushes wait or are refused."]),
    ...(store.view_age_seconds > 0
      ? [`Scrapes show the state of ${formatDuration(store.view_age_seconds)} ago.`]
      : []),
    ...late.map(({ kind, name }) => `The ${kind} ${name} has missed heartbeats.`),
    ...(store.kind === "redis" && !members.some(({ kind }) => kind === "reaper")
      ? ["No reaper runs: expired groups are hidden, but their space is not freed."]
      : []),
    ...replicas.flatMap(({ address, state, lag_bytes, lag_seconds }) => {
      if (state !== "online") return `The Redis replica ${address} is ${state}.`;
      if (lag_seconds > SILENT_SECONDS)
        return `The Redis replica ${address} was not heard of for ${lag_seconds} s.`;
      return lag_bytes > LAG_BYTES ? `The Redis replica ${address} is ${formatBytes(lag_bytes)} behind.` : [];
    }),
    ...peerRegions(cluster).flatMap(peerProblems),
  ];
}

function peerProblems({ id, link, lagSeconds, federator }: PeerRegion): readonly string[] {
  if (federator === null) return [`No federator sends changes to the region ${id}.`];
  if (link === "down") return [`The region ${id} does not take what it is sent.`];
  if (lagSeconds === null || lagSeconds < LAG_SECONDS) return [];
  return [`The region ${id} is ${formatDuration(lagSeconds)} behind.`];
}

/** `3 gateways, 2 federators, 2 reapers, a primary with 2 replicas`: what there is. */
export function clusterParts({ store, members }: Cluster): string {
  const numberOf = (wanted: Member["kind"]) => members.filter(({ kind }) => kind === wanted).length;
  const [gateways, federators, reapers] = [numberOf("gateway"), numberOf("federator"), numberOf("reaper")];
  const replicas = store.redis?.replicas.length;
  return [
    counted(gateways, "gateway"),
    ...(federators > 0 ? [counted(federators, "federator")] : []),
    ...(reapers > 0 ? [counted(reapers, "reaper")] : []),
    ...(replicas === undefined ? [] : [`a Redis primary with ${counted(replicas, "replica")}`]),
  ].join(", ");
}
