import { ActionIcon } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { Link } from "wouter";
import type { Group } from "../api/types.ts";
import { Age } from "../clock/age.tsx";
import { formatBytes, formatCount } from "../format/quantity.ts";
import type { Column } from "../list/column.ts";
import type { GroupSort } from "./group-filters.ts";
import { GroupLabels, labelsText } from "./group-labels.tsx";
import { GroupRegion } from "./region.tsx";
import { TimeLeft } from "./time-left.tsx";

/** The columns of the list of groups; regions are only told where there are any. */
export function groupColumns({
  hasRegions,
  onDelete,
}: {
  readonly hasRegions: boolean;
  readonly onDelete: (group: Group) => void;
}): readonly Column<Group, GroupSort>[] {
  return [
    {
      title: "Group",
      sort: "job",
      cell: ({ id, labels }) => (
        <Link href={`/groups/${id}`} className="group-link" title={labelsText(labels)}>
          <GroupLabels labels={labels} />
        </Link>
      ),
    },
    ...(hasRegions ? [regionColumn] : []),
    { title: "Last push", sort: "last_push", width: "7.5rem", cell: lastPush },
    { title: "Failure", sort: "failure", width: "10.5rem", cell: failure },
    { title: "Expires in", sort: "expiry", width: "7.5rem", cell: (group) => <TimeLeft group={group} /> },
    {
      title: "Series",
      sort: "series",
      width: "5.5rem",
      isNumeric: true,
      cell: ({ series }) => formatCount(series),
    },
    {
      title: "Size",
      sort: "bytes",
      width: "5.5rem",
      isNumeric: true,
      cell: ({ bytes }) => formatBytes(bytes),
    },
    {
      title: "Actions",
      isTitleHidden: true,
      width: "3rem",
      cell: (group) => (
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={`Delete ${labelsText(group.labels)}`}
          title="Delete this group"
          onClick={() => onDelete(group)}
        >
          <IconTrash size={16} aria-hidden="true" />
        </ActionIcon>
      ),
    },
  ];
}

const regionColumn: Column<Group, GroupSort> = {
  title: "Region",
  width: "10.5rem",
  cell: (group) => <GroupRegion group={group} />,
};

function lastPush({ last_push }: Group) {
  return last_push === null ? <span className="dimmed">never</span> : <Age time={last_push} />;
}

function failure({ failing, last_failure }: Group) {
  if (last_failure === null) return <span className="dimmed">none</span>;
  if (!failing) return <Age time={last_failure} />;
  return (
    <>
      <span className="pill" data-tone="bad" title="The last push was refused.">
        failing
      </span>{" "}
      <Age time={last_failure} />
    </>
  );
}
