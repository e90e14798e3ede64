/** A page of a list that is read with cursors. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Rows that pass the filters, on all pages. */
  readonly matched: number;
  /** Rows that there are. */
  readonly total: number;
  /** For the page after this one; null on the last. */
  readonly nextCursor: string | null;
  /** Of the store's state that it was read from. */
  readonly change: string;
  /** When reading it began, in milliseconds of `performance.now()`. */
  readonly readAt: number;
}

/** Something has changed, as of that time. */
export interface Change {
  /** Of the state that has it; null when unknown. */
  readonly change: string | null;
  /** In milliseconds of `performance.now()`. */
  readonly at: number;
}

/** Whether the page lacks the change. */
export function isStale(page: Page<unknown>, { change, at }: Change): boolean {
  return page.readAt < at && page.change !== change;
}

/** The pages read so far, from the first on, each with the cursor that it was read with. */
export interface LoadedPages<Row> {
  readonly pages: readonly Page<Row>[];
  readonly pageParams: readonly (string | null)[];
}

/** All rows in order. What changed between two pages may be in both: it counts where it comes first. */
export function rowsOf<Row>(pages: readonly Page<Row>[], idOf: (row: Row) => string): readonly Row[] {
  const seen = new Set<string>();
  return pages.flatMap(({ rows }) =>
    rows.filter((row) => {
      const id = idOf(row);
      if (seen.has(id)) return false;
      seen.add(id);
      return true;
    }),
  );
}

/** Indexes of the first and the last page that hold the rows from `first` to `last`. */
export function pagesOfRows(
  pages: readonly Page<unknown>[],
  { first, last }: RowRange,
): { readonly from: number; readonly to: number } {
  let from = 0;
  let to = 0;
  let rowsBefore = 0;
  for (const [index, { rows }] of pages.entries()) {
    if (rowsBefore <= first) from = index;
    if (rowsBefore <= last) to = index;
    rowsBefore += rows.length;
  }
  return { from, to: Math.max(from, to) };
}

export interface RowRange {
  readonly first: number;
  readonly last: number;
}

/**
 * The list with the pages from `from` on replaced by fresh ones. The pages behind them stay if the last fresh one still
 * ends where they begin; otherwise there would be a gap, so they are dropped to be read again when they are scrolled to.
 */
export function withFreshPages<Row>(
  loaded: LoadedPages<Row>,
  from: number,
  fresh: readonly Page<Row>[],
): LoadedPages<Row> {
  const behind = from + fresh.length;
  const end = fresh.at(-1)?.nextCursor ?? null;
  const fits = end !== null && loaded.pageParams[behind] === end;
  const freshParams = fresh.map((_, index) =>
    index === 0 ? (loaded.pageParams[from] ?? null) : (fresh[index - 1]?.nextCursor ?? null),
  );
  return {
    pages: [...loaded.pages.slice(0, from), ...fresh, ...(fits ? loaded.pages.slice(behind) : [])],
    pageParams: [
      ...loaded.pageParams.slice(0, from),
      ...freshParams,
      ...(fits ? loaded.pageParams.slice(behind) : []),
    ],
  };
}
