import { Link } from "wouter";
import type { Job } from "../api/types.ts";
import { Age } from "../clock/age.tsx";
import { useStoreNow } from "../clock/clock-context.tsx";
import { formatDuration } from "../format/duration.ts";
import { formatBytes, formatCount } from "../format/quantity.ts";
import { selectorOf } from "../groups/selector.ts";
import type { Column } from "../list/column.ts";
import type { JobSort } from "./job-filters.ts";

/** The columns of the list of jobs. */
export const jobColumns: readonly Column<Job, JobSort>[] = [
  {
    title: "Job",
    sort: "job",
    cell: ({ job }) => (
      <Link
        className="job-link"
        href={`/groups?${new URLSearchParams({ match: selectorOf("job", job) })}`}
        title={`Groups of ${job}`}
      >
        {job}
      </Link>
    ),
  },
  { title: "Failing", sort: "failing", width: "8rem", cell: failing },
  { title: "Last push", sort: "last_push", width: "9rem", cell: lastPush },
  { title: "Next expiry", width: "9rem", cell: ({ next_expiry }) => <NextExpiry time={next_expiry} /> },
  {
    title: "Groups",
    sort: "groups",
    width: "7rem",
    isNumeric: true,
    cell: ({ groups }) => formatCount(groups),
  },
  {
    title: "Series",
    sort: "series",
    width: "7rem",
    isNumeric: true,
    cell: ({ series }) => formatCount(series),
  },
  { title: "Size", sort: "bytes", width: "7rem", isNumeric: true, cell: ({ bytes }) => formatBytes(bytes) },
];

function failing({ failing }: Job) {
  if (failing === 0) return <span className="dimmed">none</span>;
  return (
    <span className="pill" data-tone="bad">
      {formatCount(failing)} failing
    </span>
  );
}

function lastPush({ last_push }: Job) {
  return last_push === null ? <span className="dimmed">never</span> : <Age time={last_push} />;
}

function NextExpiry({ time }: { readonly time: string | null }) {
  const now = useStoreNow();
  if (time === null) return <span className="dimmed">never</span>;
  return <time dateTime={time}>in {formatDuration((Date.parse(time) - now) / 1000)}</time>;
}
