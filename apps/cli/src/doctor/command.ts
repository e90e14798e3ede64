import { value } from "@pushfleet/config/option";
import { durationAboveZero, formatDuration, text } from "@pushfleet/config/values";
import { defineCommand } from "../command/command.ts";
import { type CommandOptions, described, type OptionValues } from "../command/option.ts";
import { connectionOptions, outputOptions } from "../connection.ts";

const doctorOptions = {
  stale: value(durationAboveZero, 7 * 86_400_000, {
    placeholder: "DURATION",
    format: formatDuration,
    help: "Tell groups without a time to live that had no push for so long.",
  }),
  "prometheus-config": described(
    value(text, "", {
      placeholder: "FILE",
      help: "A prometheus.yml: whether it scrapes the gateway as it should.",
    }),
    { completes: "file" },
  ),
  "prometheus-url": value(text, "", {
    placeholder: "URL",
    help: "A running Prometheus, to look at its configuration and targets.",
  }),
  ...outputOptions,
  ...connectionOptions,
} as const satisfies CommandOptions;

export type DoctorOptions = OptionValues<typeof doctorOptions>;

export const doctorCommand = defineCommand({
  name: "doctor",
  summary: "look whether gateway, groups and Prometheus are well",
  description: [
    "Looks at each gateway of --url: whether it can be reached and is ready, who may ask, its clock, the end of its certificate; then at the groups and a scrape, and at how Prometheus scrapes it, if that is given. It changes nothing.",
    "One line for each check: ok, warn for what should be looked at, FAIL for what does not work, with what to do.",
  ],
  operands: { kind: "none" },
  options: doctorOptions,
  examples: [
    { what: "the gateway of PUSHFLEET_URL", command: "pushfleet doctor" },
    {
      what: "with the Prometheus that scrapes it",
      command: "pushfleet doctor --url=http://pushfleet:9091 --prometheus-url=http://prometheus:9090",
    },
    {
      what: "in the pipeline that changes prometheus.yml",
      command: "pushfleet doctor --prometheus-config=prometheus.yml --json | jq 'select(.status != \"ok\")'",
    },
  ],
  exitCodes: [["1", "refused or failed, or a check has FAILed"]],
  async run({ options }, context) {
    const { diagnose } = await import("./diagnose.ts");
    return diagnose(options, context);
  },
});
