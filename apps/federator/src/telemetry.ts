import type { Telemetry } from "@pushfleet/runtime";
import type { RegionId } from "@pushfleet/store";
import type { PeerCounters, PeerStatus } from "./peer-status.ts";

/** The counters of each peer. */
export function peerCounters(
  telemetry: Telemetry,
  peers: readonly RegionId[],
): (peer: RegionId) => PeerCounters {
  const label = { name: "peer", values: peers } as const;
  const shipped = telemetry.counters(
    "pushfleet_federator_shipped_groups_total",
    "States of groups that the peer has taken.",
    label,
  );
  const failures = telemetry.counters(
    "pushfleet_federator_failures_total",
    "Attempts to ship to the peer or to compare with it that failed.",
    label,
  );
  const refused = telemetry.counters(
    "pushfleet_federator_refused_groups_total",
    "States of groups that the peer refused, for what they say or because its clock is behind.",
    label,
  );
  const repaired = telemetry.counters(
    "pushfleet_federator_repaired_groups_total",
    "Groups that a comparison found the peer to lack something of, and that were sent.",
    label,
  );
  return (peer) => ({
    shipped: (groups) => shipped.inc(peer, groups),
    failed: () => failures.inc(peer),
    refused: (groups) => refused.inc(peer, groups),
    repaired: (groups) => repaired.inc(peer, groups),
  });
}

/** What is read of each peer when somebody looks. */
export function exposePeers(telemetry: Telemetry, statuses: readonly PeerStatus[]): void {
  const byId = new Map(statuses.map((status) => [status.id, status]));
  const values = statuses.map(({ id }) => id);
  const gauge = (name: string, help: string, read: (status: PeerStatus) => number) =>
    telemetry.gauges(name, help, {
      name: "peer",
      values,
      read: (id) => {
        const status = byId.get(id);
        return status === undefined ? Number.NaN : read(status);
      },
    });
  gauge(
    "pushfleet_federator_active",
    "Whether this federator is the one that ships to the peer. One of all is.",
    ({ isActive }) => (isActive ? 1 : 0),
  );
  gauge(
    "pushfleet_federator_lag_seconds",
    "How long ago the oldest change happened in this region that the peer has not taken; 0 when there is none, and where this federator is not active.",
    ({ lagSeconds }) => lagSeconds,
  );
  gauge(
    "pushfleet_federator_link_up",
    "Whether the peer took what this federator last sent; 0 as well where it is not active.",
    ({ isUp }) => (isUp === true ? 1 : 0),
  );
  gauge(
    "pushfleet_federator_skew_seconds",
    "How far the clock of the peer's store is ahead of this region's; 0 where this federator is not active.",
    ({ skewSeconds }) => skewSeconds,
  );
  gauge(
    "pushfleet_federator_last_comparison_timestamp_seconds",
    "When all groups were last compared with the peer's, as the active federator knows; 0 = never.",
    ({ comparedAtSeconds }) => comparedAtSeconds,
  );
}
