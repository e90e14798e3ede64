import type { GroupPage, GroupSummary } from "@pushfleet/client";
import { labelText } from "../grouping.ts";
import { type Column, type Paint, printable, span, table } from "../terminal.ts";

/** The groups as a table, with a line below that says how many there are. */
export function groupTable(groups: readonly GroupSummary[], page: GroupPage, paint: Paint): string {
  const { now, matched, total, view_age_seconds: ageSeconds } = page;
  const sum = `${groups.length} of ${matched} shown, of ${total} groups in all`;
  const stale = ageSeconds === 0 ? "" : paint("yellow", `, as of ${span(ageSeconds)} ago: the store is away`);
  const rows = groups.length === 0 ? "" : table(columns(Date.parse(now)), groups, paint);
  return `${rows}${paint("dim", sum)}${stale}\n`;
}

function columns(nowMs: number): readonly Column<GroupSummary>[] {
  const ago = (time: string | null) =>
    time === null ? "never" : `${span((nowMs - Date.parse(time)) / 1000)} ago`;
  return [
    {
      title: "LAST PUSH",
      text: ({ last_push: time }) => ago(time),
      style: ({ failing }) => (failing ? "red" : undefined),
    },
    {
      title: "REFUSED",
      text: ({ last_failure: time }) => (time === null ? "" : ago(time)),
      style: ({ failing }) => (failing ? "red" : "dim"),
    },
    {
      title: "EXPIRES",
      text: ({ remaining_ttl_seconds: left }) => (left === undefined ? "" : `in ${span(left)}`),
    },
    { title: "SERIES", align: "right", text: ({ series }) => String(series) },
    { title: "BYTES", align: "right", text: ({ bytes }) => String(bytes) },
    { title: "GROUP", text: ({ labels }) => printable(labelText(jobFirst(labels))) },
  ];
}

function jobFirst({ job = "", ...others }: GroupSummary["labels"]): GroupSummary["labels"] {
  return { job, ...others };
}
