import { configurationDocument, gatewayOptions, reaperOptions } from "@pushfleet/config";

/** The generated documents: their texts by path. */
export function generatedDocuments(): ReadonlyMap<string, string> {
  return new Map([
    [
      "docs/configuration.md",
      configurationDocument([
        {
          title: "Gateway",
          introduction:
            "Without `--redis.url` and `--redis.sentinels` it keeps the groups itself: one process, without reaper.",
          options: gatewayOptions,
        },
        {
          title: "Reaper",
          introduction:
            "It needs `--redis.url` or `--redis.sentinels`, those of the gateways. Any number of reapers may run; they take turns.",
          options: reaperOptions,
        },
      ]),
    ],
  ]);
}
