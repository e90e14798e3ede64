import { useQuery } from "@tanstack/react-query";
import { useApi } from "../api/api-context.tsx";
import type { Status } from "../api/types.ts";
import { FailureAlert } from "../app/failure-alert.tsx";
import { Page } from "../app/page.tsx";
import { Age } from "../clock/age.tsx";
import { useChanges } from "../live/live-context.tsx";

/** Build, start time and flags of the replica that answers. */
export function StatusPage() {
  const api = useApi();
  const { data, error, refetch } = useQuery({
    queryKey: ["status"],
    queryFn: ({ signal }) => api.status(signal),
    staleTime: 0,
  });
  useChanges(() => {
    if (data === undefined) void refetch();
  });
  return (
    <Page title="Status">
      {error === null ? null : <FailureAlert error={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        error === null && <p className="dimmed">Loading …</p>
      ) : (
        <>
          <BuildCard status={data} />
          <FlagsCard flags={data.flags} />
        </>
      )}
    </Page>
  );
}

/** Upstream's names for what the build tells, in its order. */
const buildFacts = [
  ["version", "Version"],
  ["revision", "Revision"],
  ["branch", "Branch"],
  ["goVersion", "Runtime"],
  ["buildUser", "Build user"],
  ["buildDate", "Build date"],
] as const;

function BuildCard({ status: { build_information: build, start_time } }: { readonly status: Status }) {
  return (
    <section className="card" aria-label="Build">
      <h2>Build</h2>
      <table className="plain-table">
        <tbody>
          <tr>
            <th scope="row">Started</th>
            <td>
              {new Date(start_time).toLocaleString()}{" "}
              <span className="dimmed">
                (<Age time={start_time} />)
              </span>
            </td>
          </tr>
          {buildFacts.map(([name, title]) =>
            build[name] ? (
              <tr key={name}>
                <th scope="row">{title}</th>
                <td>{build[name]}</td>
              </tr>
            ) : null,
          )}
        </tbody>
      </table>
    </section>
  );
}

function FlagsCard({ flags }: { readonly flags: Status["flags"] }) {
  return (
    <section className="card" aria-label="Flags">
      <h2>Command-line flags</h2>
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">Flag</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(flags)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([name, value]) => (
              <tr key={name}>
                <th scope="row">
                  <code>--{name}</code>
                </th>
                <td>{value === "" ? <span className="dimmed">empty</span> : <code>{value}</code>}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </section>
  );
}
