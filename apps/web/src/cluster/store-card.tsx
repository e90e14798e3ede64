import type { Redis, Store } from "../api/types.ts";
import { formatDuration } from "../format/duration.ts";
import { formatBytes, formatCount } from "../format/quantity.ts";

const kinds: Readonly<Record<Store["kind"], string>> = {
  memory: "in memory, of this process alone",
  file: "embedded, with a file",
  redis: "Redis",
};

/** What the gateways store in, and how its replicas keep up. */
export function StoreCard({ store }: { readonly store: Store }) {
  const { kind, up, groups, view_age_seconds, redis } = store;
  return (
    <section className="card" aria-label="Store">
      <h2>Store</h2>
      <dl className="facts">
        <div>
          <dt>Kind</dt>
          <dd>{kinds[kind]}</dd>
        </div>
        <div>
          <dt>State</dt>
          <dd>
            <span className="pill" data-tone={up ? "good" : "bad"}>
              {up ? "up" : "does not answer"}
            </span>
          </dd>
        </div>
        <div>
          <dt>Groups</dt>
          <dd>{formatCount(groups)}</dd>
        </div>
        <div>
          <dt>Scrapes show its state of</dt>
          <dd>{view_age_seconds === 0 ? "now" : `${formatDuration(view_age_seconds)} ago`}</dd>
        </div>
      </dl>
      {redis === undefined ? null : redis === null ? (
        <p className="dimmed">Redis does not answer.</p>
      ) : (
        <RedisFacts redis={redis} />
      )}
    </section>
  );
}

function RedisFacts({ redis: { version, primary, used_memory_bytes, replicas } }: { readonly redis: Redis }) {
  return (
    <div className="table-scroller">
      <table className="plain-table redis-table" aria-label="Redis">
        <thead>
          <tr>
            <th scope="col">Address</th>
            <th scope="col">Role</th>
            <th scope="col">State</th>
            <th scope="col" className="numeric">
              Behind
            </th>
            <th scope="col" className="numeric">
              Heard of
            </th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{primary}</th>
            <td>primary</td>
            <td>
              Redis {version}, {formatBytes(used_memory_bytes)} used
            </td>
            <td className="numeric">–</td>
            <td className="numeric">–</td>
          </tr>
          {replicas.map(({ address, state, lag_bytes, lag_seconds }) => (
            <tr key={address}>
              <th scope="row">{address}</th>
              <td>replica</td>
              <td>
                <span className="pill" data-tone={state === "online" ? "good" : "warn"}>
                  {state}
                </span>
              </td>
              <td className="numeric">{formatBytes(lag_bytes)}</td>
              <td className="numeric">{lag_seconds} s ago</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
