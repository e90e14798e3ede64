import { type Option, value } from "./option.ts";
import { byteSize, countFromOne, formatByteSize, rate } from "./values.ts";

/** What the gateway takes at most, where no rule in --config.file says otherwise. None of it can be switched off. */
export const limitOptions = {
  "push.max-body-size": size(
    32 * 1024 * 1024,
    "Largest body of a push, compressed and decompressed alike. Larger ones get 413.",
  ),
  "push.max-families": count(5_000, "Most families in a push; more get 413."),
  "push.max-series": count(
    200_000,
    "Most series in a push, as Prometheus counts them: each bucket and quantile, sum and count is one; more get 413.",
  ),
  "push.max-labels": count(
    64,
    "Most labels of a series, with those of its group, but for le and quantile; more get 413.",
  ),
  "push.max-metric-name-length": size(1024, "Longest metric name; longer ones get 413."),
  "push.max-help-length": size(64 * 1024, "Longest help text of a family; longer ones get 413."),
  "push.max-label-name-length": size(1024, "Longest label name; longer ones get 413."),
  "push.max-label-value-length": size(16 * 1024, "Longest label value; longer ones get 413."),
  "group.max-series": count(
    400_000,
    "Most series in a group; a push after which it would have more gets 413.",
  ),
  "job.max-groups": count(
    200_000,
    "Most groups with the same job; a push that would create one more gets 429.",
  ),
  "store.max-groups": count(1_000_000, "Most groups in all; a push that would create one more gets 429."),
  "push.max-rate-per-job": perSecond(
    100_000,
    "Most pushes and deletions a second of groups with the same job, through all replicas together; more get 429. As many may come at once.",
  ),
  "push.max-rate-per-identity": perSecond(
    100_000,
    "Most pushes and deletions a second by the same user or other identity, or by all that have none, through all replicas together; more get 429. As many may come at once.",
  ),
} as const satisfies Record<string, Option<number>>;

/** One setting for each limit. */
export type LimitSettings = { readonly [K in keyof typeof limitOptions]: number };

function count(fallback: number, help: string): Option<number> {
  return value(countFromOne, fallback, { placeholder: "COUNT", help });
}

function size(fallback: number, help: string): Option<number> {
  return value(byteSize, fallback, { placeholder: "SIZE", format: formatByteSize, help });
}

function perSecond(fallback: number, help: string): Option<number> {
  return value(rate, fallback, { placeholder: "NUMBER", help });
}
