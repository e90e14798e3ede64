import { type InfiniteData, keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useEffectEvent, useMemo, useReducer, useRef, useState } from "react";
import { ApiFailure } from "../api/failure.ts";
import { useChanges } from "../live/live-context.tsx";
import {
  type Change,
  isStale,
  type Page,
  pagesOfRows,
  type RowRange,
  rowsOf,
  withFreshPages,
} from "./pages.ts";

/** A list of any length: as much of it is read as is scrolled to, and what is on the screen is kept fresh. */
export interface PagedList<Row> {
  readonly rows: readonly Row[];
  /** Undefined until the first page has arrived. */
  readonly counts: { readonly matched: number; readonly total: number } | undefined;
  /** The rows are those of the filters before; the ones asked for are on their way. */
  readonly isOutdated: boolean;
  readonly hasMore: boolean;
  /** Why the latest read failed; what was there before is still shown. */
  readonly error: Error | null;
  /** Tells which rows are on the screen. */
  readonly show: (range: RowRange) => void;
  /** Reads again what is on the screen. */
  readonly refresh: () => void;
}

interface ListSource<Row> {
  /** Names the list and its filters; `read` depends on nothing else. */
  readonly queryKey: readonly unknown[];
  /** Reads the page behind the cursor, the first one without. */
  readonly read: (cursor: string | null, signal: AbortSignal) => Promise<Omit<Page<Row>, "readAt">>;
  /** Must be the same function each time. */
  readonly idOf: (row: Row) => string;
}

type Data<Row> = InfiniteData<Page<Row>, string | null>;

/** So many rows before the end the next page is read. */
const READ_AHEAD = 80;
/** Scrolling is looked at whenever it has gone so many rows on. */
const STEP = 20;

export function usePagedList<Row>({ queryKey, read, idOf }: ListSource<Row>): PagedList<Row> {
  const queryClient = useQueryClient();
  const readPage = async (cursor: string | null, signal: AbortSignal): Promise<Page<Row>> => {
    const readAt = performance.now();
    return { ...(await read(cursor, signal)), readAt };
  };
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => readPage(pageParam, signal),
    initialPageParam: null as string | null, // the type of all others
    getNextPageParam: (last: Page<Row>) => last.nextCursor,
    placeholderData: keepPreviousData,
  });
  const { isFetching, isPlaceholderData, hasNextPage } = query;
  // The library has lost the type of the cursors.
  const data = query.data as Data<Row> | undefined;
  const rows = useMemo(() => rowsOf(data?.pages ?? [], idOf), [data, idOf]);

  const shown = useRef<RowRange>({ first: 0, last: 0 });
  const latest = useRef<Change>(undefined);
  const refreshing = useRef<AbortController>(undefined);
  const [refreshError, setRefreshError] = useState<Error | null>(null);
  const [step, setStep] = useState(0);
  const [checks, checkAgain] = useReducer((count: number) => count + 1, 0);

  /** Reads the shown pages again: one such reading at a time, and none beside the query's own, which would undo it. */
  const refreshShown = useEffectEvent(async (loaded: Data<Row>) => {
    const controller = new AbortController();
    refreshing.current = controller;
    try {
      const { from, to } = pagesOfRows(loaded.pages, shown.current);
      const fresh: Page<Row>[] = [];
      let cursor = loaded.pageParams[from] ?? null;
      do {
        const page = await readPage(cursor, controller.signal);
        fresh.push(page);
        cursor = page.nextCursor;
      } while (cursor !== null && from + fresh.length <= to);
      controller.signal.throwIfAborted();
      queryClient.setQueryData<Data<Row>>(
        queryKey,
        (current) => (current === loaded ? (withFreshPages(loaded, from, fresh) as Data<Row>) : current), // mutable in the library's types
      );
      setRefreshError(null);
      refreshing.current = undefined;
      checkAgain();
    } catch (error) {
      if (controller.signal.aborted) return;
      refreshing.current = undefined;
      setRefreshError(error instanceof Error ? error : new Error(String(error)));
    }
  });

  const refreshIfStale = useEffectEvent(() => {
    const change = latest.current;
    if (change === undefined || data === undefined || isPlaceholderData) return;
    if (isFetching || refreshing.current !== undefined) return;
    const { from, to } = pagesOfRows(data.pages, shown.current);
    const isAnyStale = data.pages.slice(from, to + 1).some((page) => isStale(page, change));
    if (isAnyStale) void refreshShown(data);
  });

  const readMoreIfNeeded = useEffectEvent(() => {
    const isNear = shown.current.last + READ_AHEAD >= rows.length;
    if (!isNear || !hasNextPage || isPlaceholderData) return;
    if (isFetching || refreshing.current !== undefined || query.isFetchNextPageError) return;
    void query.fetchNextPage();
  });

  useChanges(({ change }) => {
    latest.current = { change, at: performance.now() };
    const isWorthRetrying = query.isError && !isBadRequest(query.error);
    if (data === undefined || (isWorthRetrying && !isFetching)) void query.refetch();
    else refreshIfStale();
  });

  const list = JSON.stringify(queryKey);
  // biome-ignore lint/correctness/useExhaustiveDependencies: for each list anew.
  const openedAt = useMemo(() => performance.now(), [list]);
  useEffect(() => {
    // Pages from when the list was last looked at may be out of date.
    latest.current = { change: null, at: openedAt };
    setRefreshError(null);
    return () => {
      refreshing.current?.abort();
      refreshing.current = undefined;
    };
  }, [openedAt]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: these tell that there may be something to do.
  useEffect(() => {
    refreshIfStale();
    readMoreIfNeeded();
  }, [step, checks, rows, isFetching]);

  const newest = data?.pages.reduce((newer, page) => (page.readAt > newer.readAt ? page : newer));
  return {
    rows,
    counts: newest === undefined ? undefined : { matched: newest.matched, total: newest.total },
    isOutdated: isPlaceholderData,
    hasMore: hasNextPage,
    error: query.error ?? refreshError,
    show: useCallback((range) => {
      shown.current = range;
      setStep(Math.floor(range.last / STEP));
    }, []),
    refresh: useCallback(() => {
      latest.current = { change: null, at: performance.now() };
      checkAgain();
    }, []),
  };
}

function isBadRequest(error: Error): boolean {
  return error instanceof ApiFailure && error.code === "bad_data";
}
