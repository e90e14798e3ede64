import { federatorFederationOptions } from "./federation-options.ts";
import { list, type Option, value } from "./option.ts";
import { gatewayOptions } from "./options.ts";
import { redisOptions } from "./redis-options.ts";
import { formatListenAddress, listenAddress, text } from "./values.ts";

/** Every option of the federator, once. The names are the flags; order is the order of the help text. */
export const federatorOptions = {
  "web.listen-address": list(listenAddress, [{ host: "", port: 9095 }], {
    placeholder: "HOST:PORT",
    format: formatListenAddress,
    help: "Address to listen on for /-/healthy, /-/ready and /-/metrics. Repeatable.",
  }),
  "config.file": value(text, "", {
    placeholder: "FILE",
    help: "YAML file with more peers and what to show to each. It may be the file of the gateways. Read at the start only.",
  }),
  ...federatorFederationOptions,
  ...redisOptions,
  "log.level": gatewayOptions["log.level"],
  "log.format": gatewayOptions["log.format"],
} as const satisfies Record<string, Option<unknown>>;

/** The settings of one federator, checked. */
export type FederatorConfig = {
  readonly [K in keyof typeof federatorOptions]: (typeof federatorOptions)[K] extends Option<infer T>
    ? T
    : never;
};
