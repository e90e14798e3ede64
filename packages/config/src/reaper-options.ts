import { list, type Option, value } from "./option.ts";
import { gatewayOptions } from "./options.ts";
import { redisOptions } from "./redis-options.ts";
import { duration, formatDuration, formatListenAddress, listenAddress } from "./values.ts";

/** Every option of the reaper, once. The names are the flags; order is the order of the help text. */
export const reaperOptions = {
  "web.listen-address": list(listenAddress, [{ host: "", port: 9092 }], {
    placeholder: "HOST:PORT",
    format: formatListenAddress,
    help: "Address to listen on for /-/healthy, /-/ready and /-/metrics. Repeatable.",
  }),
  ...redisOptions,
  "sweep.interval": value(duration, 1_000, {
    placeholder: "DURATION",
    format: formatDuration,
    help: "How often the space of expired groups is freed. The same for all reapers; scrapes leave expired groups out anyway, at the very moment.",
  }),
  "audit.interval": value(duration, 3_600_000, {
    placeholder: "DURATION",
    format: formatDuration,
    help: "How often the counts of families and grouping labels are compared with the groups, and corrected. The first sweep of a reaper does it in any case. 0: only that one.",
  }),
  "log.level": gatewayOptions["log.level"],
  "log.format": gatewayOptions["log.format"],
} as const satisfies Record<string, Option<unknown>>;

/** The settings of one reaper, checked. */
export type ReaperConfig = {
  readonly [K in keyof typeof reaperOptions]: (typeof reaperOptions)[K] extends Option<infer T> ? T : never;
};
