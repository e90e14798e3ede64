import { ClientError } from "@pushfleet/client";
import { flag, list, value } from "@pushfleet/config/option";
import { duration, formatDuration, text } from "@pushfleet/config/values";
import { countUpTo, durationUpTo } from "../command/bounded.ts";
import { defineCommand } from "../command/command.ts";
import type { CommandOptions, OptionValues } from "../command/option.ts";
import { connect, connectionOptions, outputOptions } from "../connection.ts";
import { Failure } from "../failure.ts";
import { connectSource, sourceOptions } from "./source-options.ts";

const migrateOptions = {
  match: list(text, [], {
    placeholder: "SELECTOR",
    help: "Copy only groups that this selector matches, as in PromQL. With several, any has to match.",
  }),
  "dry-run": flag(false, { help: "Only tell what would be copied." }),
  follow: flag(false, {
    help: "Go on copying what is pushed at the source, until it is interrupted or --until-idle.",
  }),
  "until-idle": value(duration, 0, {
    placeholder: "DURATION",
    format: (idleMs) => (idleMs === 0 ? "" : formatDuration(idleMs)),
    help: "With --follow: end when nothing was pushed at the source for so long.",
  }),
  interval: value(durationUpTo(86_400_000), 5_000, {
    placeholder: "DURATION",
    format: formatDuration,
    help: "With --follow: how often to look.",
  }),
  connections: value(countUpTo(1_000), 16, { placeholder: "COUNT", help: "Push so many groups at once." }),
  ...outputOptions,
  ...sourceOptions,
  ...connectionOptions,
  timeout: { ...connectionOptions.timeout, default: 60_000 },
} as const satisfies CommandOptions;

export type MigrateOptions = OptionValues<typeof migrateOptions>;

export const migrateCommand = defineCommand({
  name: "migrate",
  summary: "copy a running Pushgateway, or another Pushfleet",
  description: [
    "Copies all groups of a Prometheus Pushgateway or a Pushfleet, with types, help, native histograms, and the times of their last push and failure; from a Pushfleet also what is left of their time to live. Then it compares what both expose: all that differs is listed.",
    "It may be interrupted and run again at any time. What is at the target already is left alone, and so is what was pushed there later than at the source. What was deleted at the source stays at the target.",
    "With access rules at the target it needs the role admin, because it tells when groups were pushed to.",
  ],
  operands: { kind: "none" },
  options: migrateOptions,
  examples: [
    {
      what: "what would be done",
      command: "pushfleet migrate --from=http://pushgateway:9091 --url=http://pushfleet:9091 --dry-run",
    },
    {
      what: "copy, and go on while jobs are switched over, until none has pushed there for a day",
      command:
        "pushfleet migrate --from=http://pushgateway:9091 --url=http://pushfleet:9091 --follow --until-idle=1d",
    },
    {
      what: "only some",
      command: `pushfleet migrate --from=http://pushgateway:9091 --match='{job=~"backup-.+"}'`,
    },
  ],
  exitCodes: [["1", "refused or failed, or something was not copied, or differs afterwards"]],
  async run({ options }, context) {
    const [{ readSelectors }, { migrate }] = await Promise.all([
      import("../selectors.ts"),
      import("./migrate.ts"),
    ]);
    const selects = await readSelectors(options.match);
    using source = await connectSource(options, context);
    using client = await connect(options, context);
    try {
      return await migrate({ source, client, selects, options, context });
    } catch (error) {
      if (!(error instanceof ClientError) || error.code !== "not-found") throw error;
      throw new Failure(
        `${error.message}; the source has to be a Pushgateway or Pushfleet, the target a Pushfleet`,
        {
          cause: error,
        },
      );
    }
  },
});
