import type { ReactNode } from "react";

/** A column of a table; no two have the same title. */
export interface Column<Row, Sort extends string> {
  readonly title: string;
  /** CSS width; the columns without one share what is left. */
  readonly width?: string;
  readonly isNumeric?: boolean;
  /** What a press on the head sorts by. */
  readonly sort?: Sort;
  /** The title is for screen readers only. */
  readonly isTitleHidden?: boolean;
  readonly cell: (row: Row) => ReactNode;
}

export interface Sorting<Sort extends string> {
  readonly sort: Sort;
  readonly order: "asc" | "desc";
}

/** Rows that are ticked. */
export interface Selection<Row = never> {
  readonly ids: ReadonlySet<string>;
  readonly toggle: (row: Row) => void;
  /** Of all rows that have been read. */
  readonly toggleAll: () => void;
}
