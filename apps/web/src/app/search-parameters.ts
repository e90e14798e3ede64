import { useCallback, useMemo } from "react";
import { useLocation } from "wouter";
// wouter's own hook decodes the query as a whole, after which "&" and "=" of a selector cannot be told from the query's.
import { useSearch } from "wouter/use-browser-location";

interface SetOptions {
  /** Whether the address takes the place of the one before, instead of becoming one to go back from. */
  readonly replace: boolean;
}

/** The query of the page's address, and what changes it. */
export function useSearchParameters(): readonly [
  parameters: URLSearchParams,
  set: (parameters: URLSearchParams, options: SetOptions) => void,
] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const parameters = useMemo(() => new URLSearchParams(search), [search]);
  const set = useCallback(
    (next: URLSearchParams, { replace }: SetOptions) =>
      navigate(next.size === 0 ? path : `${path}?${next}`, { replace }),
    [navigate, path],
  );
  return [parameters, set];
}
