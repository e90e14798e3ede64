import { Checkbox } from "@mantine/core";
import { memo } from "react";
import type { Column } from "./column.ts";

interface RowProps<Row> {
  readonly row: Row;
  readonly index: number;
  readonly columns: readonly Pick<Column<Row, string>, "title" | "isNumeric" | "cell">[];
  /** Its check box, if it has one. */
  readonly name?: string;
  readonly isSelected?: boolean;
  readonly onToggle?: ((row: Row) => void) | undefined;
}

function PlainRow<Row>({ row, index, columns, name, isSelected = false, onToggle }: RowProps<Row>) {
  return (
    <tr aria-rowindex={index + 2} data-selected={isSelected}>
      {onToggle === undefined ? null : (
        <td>
          <Checkbox
            size="xs"
            aria-label={`Select ${name}`}
            checked={isSelected}
            onChange={() => onToggle(row)}
          />
        </td>
      )}
      {columns.map(({ title, isNumeric, cell }) => (
        <td key={title} className={isNumeric === true ? "numeric" : undefined}>
          {cell(row)}
        </td>
      ))}
    </tr>
  );
}

/** Drawn anew only when its own row or its check box has changed. */
export const TableRow = memo(PlainRow) as typeof PlainRow; // memo forgets the type parameter

/** Stands for what is yet to be read. */
export function LoadingRow({ width }: { readonly width: number }) {
  return (
    <tr>
      <td colSpan={width} className="loading-cell">
        Loading …
      </td>
    </tr>
  );
}

/** Takes the room of the rows that are not in the document. */
export function Spacer({ height, width }: { readonly height: number; readonly width: number }) {
  return height <= 0 ? null : (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row cannot be focused.
    <tr aria-hidden="true" className="spacer">
      <td colSpan={width} style={{ height }} />
    </tr>
  );
}
