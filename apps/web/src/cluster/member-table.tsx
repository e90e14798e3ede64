import type { Cluster, Member } from "../api/types.ts";
import { Age } from "../clock/age.tsx";
import { useStoreNow } from "../clock/clock-context.tsx";
import { formatDuration } from "../format/duration.ts";

/** The processes that have sent a heartbeat lately. */
export function MemberTable({ cluster: { members, self } }: { readonly cluster: Cluster }) {
  return (
    <section className="card" aria-label="Members">
      <h2>Members</h2>
      <div className="table-scroller">
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Kind</th>
              <th scope="col">Health</th>
              <th scope="col">Version</th>
              <th scope="col">Up for</th>
              <th scope="col">Heartbeat</th>
              <th scope="col">Last sweep</th>
            </tr>
          </thead>
          <tbody>
            {members.map((member) => (
              <MemberRow key={member.id} member={member} isSelf={member.id === self} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const tones: Readonly<Record<Member["health"], string>> = { up: "good", late: "bad", stopping: "warn" };

function MemberRow({ member, isSelf }: { readonly member: Member; readonly isSelf: boolean }) {
  const { name, kind, health, version, started_at, seen_at, last_sweep } = member;
  return (
    <tr>
      <th scope="row">
        {name} {isSelf ? <span className="dimmed">(answers this page)</span> : null}
      </th>
      <td>{kind}</td>
      <td>
        <span className="pill" data-tone={tones[health]}>
          {health}
        </span>
      </td>
      <td>{version}</td>
      <td>
        <Uptime since={started_at} />
      </td>
      <td>
        <Age time={seen_at} />
      </td>
      <td>
        {kind === "reaper" ? <LastSweep time={last_sweep ?? null} /> : <span className="dimmed">–</span>}
      </td>
    </tr>
  );
}

function Uptime({ since }: { readonly since: string }) {
  const seconds = (useStoreNow() - Date.parse(since)) / 1000;
  return <time title={`Since ${new Date(since).toLocaleString()}`}>{formatDuration(seconds)}</time>;
}

function LastSweep({ time }: { readonly time: string | null }) {
  return time === null ? <span className="dimmed">not yet</span> : <Age time={time} />;
}
