import { Button } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useApi } from "../api/api-context.tsx";
import { ApiFailure } from "../api/failure.ts";
import type { Group } from "../api/types.ts";
import { FailureAlert } from "../app/failure-alert.tsx";
import { Page } from "../app/page.tsx";
import { formatCount } from "../format/quantity.ts";
import { ListCount } from "../list/list-count.tsx";
import { usePagedList } from "../list/paged-list.ts";
import { VirtualTable } from "../list/virtual-table.tsx";
import { DeleteDialog } from "./delete-dialog.tsx";
import type { DeletionTarget } from "./deletion.ts";
import { EmptyGroups } from "./empty-groups.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { groupColumns } from "./group-columns.tsx";
import { groupQuery, isFiltered, sortedBy, withoutFilters } from "./group-filters.ts";
import { labelsText } from "./group-labels.tsx";
import { useTickedGroups } from "./ticked-groups.ts";
import { useGroupFilters } from "./use-group-filters.ts";
import "./groups.css";

const PAGE_SIZE = "200";

/** The list of groups: the page one comes to when something is wrong. */
export function GroupsPage() {
  const api = useApi();
  const [filters, changeFilters] = useGroupFilters();
  const query = groupQuery(filters);
  const list = usePagedList<Group>({
    queryKey: ["groups", query],
    read: async (cursor, signal) => {
      const parameters = new URLSearchParams([...query, ["limit", PAGE_SIZE]]);
      if (cursor !== null) parameters.set("cursor", cursor);
      const { groups, matched, total, next_cursor, change } = await api.groups(parameters, signal);
      return { rows: groups, matched, total, nextCursor: next_cursor, change };
    },
    idOf,
  });
  const ticked = useTickedGroups(list.rows, JSON.stringify(query));
  const [target, setTarget] = useState<DeletionTarget>();
  const hasRegions = list.rows.some(({ region }) => region !== undefined);
  const columns = useMemo(
    () =>
      groupColumns({
        hasRegions,
        onDelete: (group) => setTarget({ kind: "groups", groups: [group] }),
      }),
    [hasRegions],
  );
  const selectorError = selectorErrorOf(list.error);

  return (
    <Page
      title="Groups"
      fills
      aside={
        <>
          <ListCount list={list} noun="group" />
          <div className="list-bar">
            {ticked.groups.length === 0 ? null : (
              <>
                <span role="status">{formatCount(ticked.groups.length)} selected</span>
                <DeleteButton onClick={() => setTarget({ kind: "groups", groups: ticked.groups })}>
                  Delete selected …
                </DeleteButton>
                <Button size="compact-sm" variant="default" onClick={ticked.clear}>
                  Clear selection
                </Button>
              </>
            )}
            {filters.match === "" || selectorError !== undefined ? null : (
              <DeleteButton onClick={() => setTarget({ kind: "selector", selector: filters.match })}>
                Delete all that match the selector …
              </DeleteButton>
            )}
          </div>
        </>
      }
    >
      <FilterBar filters={filters} selectorError={selectorError} onChange={changeFilters} />
      {list.error === null || selectorError !== undefined ? null : (
        <FailureAlert error={list.error} onRetry={list.refresh} />
      )}
      {list.counts !== undefined && list.rows.length === 0 ? (
        <EmptyGroups
          isFiltered={isFiltered(filters)}
          onClear={() => changeFilters(withoutFilters(filters))}
        />
      ) : (
        <VirtualTable
          label="Groups"
          list={list}
          idOf={idOf}
          nameOf={nameOf}
          columns={columns}
          sorting={filters}
          onSort={(sort) => changeFilters(sortedBy(filters, sort))}
          selection={ticked.selection}
        />
      )}
      <DeleteDialog
        target={target}
        onClose={() => setTarget(undefined)}
        onDeleted={() => {
          ticked.clear();
          list.refresh();
        }}
      />
    </Page>
  );
}

function DeleteButton({ children, onClick }: { readonly children: string; readonly onClick: () => void }) {
  return (
    <Button
      size="compact-sm"
      color="red"
      variant="outline"
      leftSection={<IconTrash size={14} aria-hidden="true" />}
      classNames={{ root: "danger-button" }}
      onClick={onClick}
    >
      {children}
    </Button>
  );
}

function idOf({ id }: Group): string {
  return id;
}

function nameOf({ labels }: Group): string {
  return labelsText(labels);
}

/** Bad selectors are explained where they were written. */
function selectorErrorOf(error: Error | null): string | undefined {
  const isSelector =
    error instanceof ApiFailure && error.code === "bad_data" && error.message.startsWith("match[]");
  return isSelector ? error.message : undefined;
}
