import { useCallback, useMemo } from "react";
import { useSearchParameters } from "../app/search-parameters.ts";
import { type GroupFilters, readGroupFilters, writeGroupFilters } from "./group-filters.ts";

/** The filters in the page's address, and what changes some of them. */
export function useGroupFilters(): readonly [
  filters: GroupFilters,
  change: (changes: Partial<GroupFilters>, options?: { readonly replace: boolean }) => void,
] {
  const [parameters, setParameters] = useSearchParameters();
  const filters = useMemo(() => readGroupFilters(parameters), [parameters]);
  const change = useCallback(
    (changes: Partial<GroupFilters>, options = { replace: false }) =>
      setParameters(writeGroupFilters({ ...filters, ...changes }), options),
    [filters, setParameters],
  );
  return [filters, change];
}
