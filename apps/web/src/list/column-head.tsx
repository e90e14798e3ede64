import { Checkbox } from "@mantine/core";
import { IconArrowDown, IconArrowsSort, IconArrowUp } from "@tabler/icons-react";
import type { Column, Selection, Sorting } from "./column.ts";

/** The head of a column; a button if the table can be sorted by it. */
export function ColumnHead<Row, Sort extends string>({
  column: { title, sort, isNumeric, isTitleHidden },
  sorting,
  onSort,
}: {
  readonly column: Column<Row, Sort>;
  readonly sorting: Sorting<Sort>;
  readonly onSort: (sort: Sort) => void;
}) {
  const className = isNumeric === true ? "numeric" : undefined;
  if (sort === undefined) {
    return (
      <th scope="col" className={className}>
        <span className={isTitleHidden === true ? "visually-hidden" : undefined}>{title}</span>
      </th>
    );
  }
  const isSorted = sorting.sort === sort;
  const direction = sorting.order === "asc" ? "ascending" : "descending";
  const Icon = !isSorted ? IconArrowsSort : sorting.order === "asc" ? IconArrowUp : IconArrowDown;
  return (
    <th scope="col" className={className} aria-sort={isSorted ? direction : "none"}>
      <button type="button" className="sort-button" data-sorted={isSorted} onClick={() => onSort(sort)}>
        {title}
        <Icon size={14} aria-hidden="true" />
      </button>
    </th>
  );
}

/** Ticks and unticks all rows that have been read. */
export function SelectAll({
  selection,
  count,
}: {
  readonly selection: Omit<Selection, "toggle">;
  readonly count: number;
}) {
  const selected = selection.ids.size;
  return (
    <th scope="col">
      <Checkbox
        size="xs"
        aria-label="Select all rows read so far"
        checked={count > 0 && selected >= count}
        indeterminate={selected > 0 && selected < count}
        disabled={count === 0}
        onChange={selection.toggleAll}
      />
    </th>
  );
}
