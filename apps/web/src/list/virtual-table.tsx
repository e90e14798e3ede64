import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import type { Column, Selection, Sorting } from "./column.ts";
import { ColumnHead, SelectAll } from "./column-head.tsx";
import type { PagedList } from "./paged-list.ts";
import { LoadingRow, Spacer, TableRow } from "./table-row.tsx";
import "./virtual-table.css";

/** Pixels; the styles say the same. */
const ROW_HEIGHT = 38;

/** A table of any length, of which only the rows on the screen are in the document. Columns must be the same each time. */
export function VirtualTable<Row, Sort extends string>({
  label,
  list,
  idOf,
  nameOf,
  columns,
  sorting,
  onSort,
  selection,
}: {
  readonly label: string;
  readonly list: PagedList<Row>;
  readonly idOf: (row: Row) => string;
  /** Says which row it is, for its check box. */
  readonly nameOf: (row: Row) => string;
  readonly columns: readonly Column<Row, Sort>[];
  readonly sorting: Sorting<Sort>;
  readonly onSort: (sort: Sort) => void;
  readonly selection?: Selection<Row>;
}) {
  const { rows, hasMore, show } = list;
  const isFirstRead = list.counts === undefined && list.error === null;
  const scroller = useRef<HTMLElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length + (hasMore || isFirstRead ? 1 : 0),
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    useFlushSync: false,
  });
  const items = virtualizer.getVirtualItems();
  const first = items[0];
  const last = items.at(-1);
  const before = first?.start ?? 0;
  const after = virtualizer.getTotalSize() - (last?.end ?? 0);
  const [firstIndex, lastIndex] = [first?.index ?? 0, last?.index ?? 0];
  useEffect(() => show({ first: firstIndex, last: lastIndex }), [show, firstIndex, lastIndex]);

  const width = columns.length + (selection === undefined ? 0 : 1);
  return (
    <section
      className="virtual-table"
      ref={scroller}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable with the keyboard.
      tabIndex={0}
      data-outdated={list.isOutdated}
    >
      <table aria-rowcount={(list.counts?.matched ?? 0) + 1} aria-busy={list.isOutdated}>
        <colgroup>
          {selection === undefined ? null : <col className="select-column" />}
          {columns.map(({ title, width }) => (
            <col key={title} style={width === undefined ? {} : { width }} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {selection === undefined ? null : <SelectAll selection={selection} count={rows.length} />}
            {columns.map((column) => (
              <ColumnHead key={column.title} column={column} sorting={sorting} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Spacer height={before} width={width} />
          {items.map(({ index }) => {
            const row = rows[index];
            if (row === undefined) return <LoadingRow key="loading" width={width} />;
            const id = idOf(row);
            return (
              <TableRow
                key={id}
                row={row}
                index={index}
                columns={columns}
                name={nameOf(row)}
                isSelected={selection?.ids.has(id) ?? false}
                onToggle={selection?.toggle}
              />
            );
          })}
          <Spacer height={after} width={width} />
        </tbody>
      </table>
    </section>
  );
}
