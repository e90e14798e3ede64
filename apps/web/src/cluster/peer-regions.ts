import type { Cluster } from "../api/types.ts";

/** Another region, as the federators of this one know it together. */
export interface PeerRegion {
  readonly id: string;
  /** The link: `unknown` when none of the federators ships. */
  readonly link: "up" | "down" | "unknown";
  /** Of the oldest change that the region has not taken, 0 when there is none; null = not known. */
  readonly lagSeconds: number | null;
  /** The federator that ships; null when there is none. */
  readonly federator: string | null;
}

/** In order of their ids. What a federator that is late says of its links does not count any more. */
export function peerRegions({ members }: Pick<Cluster, "members">): readonly PeerRegion[] {
  const regions = new Map<string, PeerRegion>();
  for (const { name, health, peers = [] } of members) {
    for (const { id, active, up, lag_seconds } of peers) {
      const ships = active && health !== "late";
      if (!ships && regions.has(id)) continue;
      regions.set(id, {
        id,
        link: !ships || up === null ? "unknown" : up ? "up" : "down",
        lagSeconds: ships ? lag_seconds : null,
        federator: ships ? name : null,
      });
    }
  }
  return [...regions.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}
