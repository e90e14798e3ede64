import type { Cluster } from "../api/types.ts";
import { formatDuration } from "../format/duration.ts";
import { type PeerRegion, peerRegions } from "./peer-regions.ts";

/** The regions that this one exchanges changes with. Nothing for a cluster that belongs to no region. */
export function RegionsCard({ cluster }: { readonly cluster: Cluster }) {
  if (cluster.region === undefined) return null;
  const peers = peerRegions(cluster);
  return (
    <section className="card" aria-label="Regions">
      <h2>Regions</h2>
      <p className="region-note">
        This is <span className="region-badge">{cluster.region}</span>
        {peers.length === 0 ? (
          <span className="dimmed"> No federator of this region is running: nothing is sent to others.</span>
        ) : null}
      </p>
      {peers.length === 0 ? null : (
        <div className="table-scroller">
          <table className="plain-table" aria-label="Other regions">
            <thead>
              <tr>
                <th scope="col">Region</th>
                <th scope="col">Link</th>
                <th scope="col" className="numeric">
                  Lag
                </th>
                <th scope="col">Active federator</th>
              </tr>
            </thead>
            <tbody>
              {peers.map((peer) => (
                <PeerRow key={peer.id} peer={peer} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

const tones: Readonly<Record<PeerRegion["link"], string>> = { up: "good", down: "bad", unknown: "warn" };

function PeerRow({ peer: { id, link, lagSeconds, federator } }: { readonly peer: PeerRegion }) {
  return (
    <tr>
      <th scope="row">{id}</th>
      <td>
        <span className="pill" data-tone={tones[link]}>
          {link}
        </span>
      </td>
      <td className="numeric">
        {lagSeconds === null ? <span className="dimmed">–</span> : formatLag(lagSeconds)}
      </td>
      <td>{federator ?? <span className="dimmed">none</span>}</td>
    </tr>
  );
}

/** Lags are mostly less than what durations are told in. */
function formatLag(seconds: number): string {
  return seconds < 10 ? `${seconds.toFixed(1)}s` : formatDuration(seconds);
}
