import { Button } from "@mantine/core";
import { useApi } from "../api/api-context.tsx";
import { CommandLine } from "../group/command-line.tsx";
import { pushCommand } from "../group/commands.ts";

/** Stands in for the list when there is nothing in it. */
export function EmptyGroups({
  isFiltered,
  onClear,
}: {
  readonly isFiltered: boolean;
  readonly onClear: () => void;
}) {
  const api = useApi();
  if (isFiltered) {
    return (
      <div className="empty-list">
        <p>No group passes the filters.</p>
        <Button size="compact-sm" variant="default" onClick={onClear}>
          Clear filters
        </Button>
      </div>
    );
  }
  return (
    <div className="empty-list">
      <p>Nothing has been pushed yet. Try it:</p>
      <CommandLine
        label="Push a first metric"
        command={pushCommand(api.addressOf("/metrics/job/some_job"))}
      />
    </div>
  );
}
