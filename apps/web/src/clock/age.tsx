import type { Time } from "../api/types.ts";
import { formatDuration } from "../format/duration.ts";
import { useStoreNow } from "./clock-context.tsx";

/** How long ago that was, counting on; the exact time as its tooltip. */
export function Age({ time }: { readonly time: Time }) {
  const seconds = Math.max(0, (useStoreNow() - Date.parse(time)) / 1000);
  return (
    <time dateTime={time} title={new Date(time).toLocaleString()}>
      {formatDuration(seconds)} ago
    </time>
  );
}
