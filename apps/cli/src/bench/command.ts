import { flag, value } from "@pushfleet/config/option";
import { formatDuration } from "@pushfleet/config/values";
import { countUpTo, durationUpTo } from "../command/bounded.ts";
import { defineCommand } from "../command/command.ts";
import type { CommandOptions, OptionValues } from "../command/option.ts";
import { connect, connectionOptions, outputOptions } from "../connection.ts";
import { Failure } from "../failure.ts";

const longestMs = 300_000;

const benchOptions = {
  groups: value(countUpTo(100_000), 100, { placeholder: "COUNT", help: "Push to so many groups in turn." }),
  series: value(countUpTo(10_000), 10, { placeholder: "COUNT", help: "So many series in each." }),
  connections: value(countUpTo(1_000), 8, { placeholder: "COUNT", help: "Push so many at once." }),
  duration: value(durationUpTo(longestMs), 10_000, {
    placeholder: "DURATION",
    format: formatDuration,
    help: `For so long, ${formatDuration(longestMs)} at most.`,
  }),
  yes: flag(false, { help: "Also at a gateway on another host." }),
  ...outputOptions,
  ...connectionOptions,
} as const satisfies CommandOptions;

export type BenchOptions = OptionValues<typeof benchOptions>;

export const benchCommand = defineCommand({
  name: "bench",
  summary: "measure pushes and a scrape of a gateway of your own",
  description: [
    "Pushes as fast as the gateway answers, for a bounded time, and scrapes it once: how many pushes a second, how long they took, how large the scrape is. The groups are of jobs called pushfleet-bench-…, and are deleted afterwards, also when it is interrupted; on a Pushfleet they expire within the hour whatever happens.",
    "It takes all that the gateway has: not for one that jobs rely on. Where it is not on this host, --yes is needed.",
  ],
  operands: { kind: "none" },
  options: benchOptions,
  examples: [
    { what: "ten seconds at the gateway of this host", command: "pushfleet bench" },
    {
      what: "as a fleet of 5,000 jobs would",
      command: "pushfleet bench --url=http://staging:9091 --groups=5000 --connections=64 --duration=1m --yes",
    },
  ],
  async run({ options }, context) {
    const remote = options.url.find((url) => !isLoopback(url));
    if (remote !== undefined && !options.yes)
      throw new Failure(
        `${new URL(withScheme(remote)).host} is not on this host: --yes says that it may be put under load`,
      );
    using client = await connect(options, context);
    const { bench } = await import("./bench.ts");
    return await bench(client, options, context);
  },
});

/** True for what is no URL too: `connect` complains about that. */
function isLoopback(url: string): boolean {
  const parsed = URL.parse(withScheme(url));
  return parsed === null || /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(parsed.hostname);
}

function withScheme(url: string): string {
  return url.includes("://") ? url : `http://${url}`;
}
