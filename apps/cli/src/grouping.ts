import { InvalidValue, list, value } from "@pushfleet/config/option";
import { duration, formatDuration, text } from "@pushfleet/config/values";
import { type CommandOptions, described, type OptionValues } from "./command/option.ts";

/** Which group. */
export const groupingOptions = {
  job: described(value(jobName, "", { placeholder: "NAME", help: "The job label of the group." }), {
    isRequired: true,
  }),
  instance: value(text, "", { placeholder: "NAME", help: "The instance label of the group, if it has one." }),
  label: list(label, [], { placeholder: "NAME=VALUE", help: "A further grouping label." }),
} as const satisfies CommandOptions;

/** How long the group of a push lives. */
export const ttlOptions = {
  ttl: value<number | undefined>(duration, undefined, {
    placeholder: "DURATION",
    format: (ttlMs) => (ttlMs === undefined ? "" : formatDuration(ttlMs)),
    help: "The group is gone so long after it was pushed to; 0 = never. Otherwise as the gateway has it.",
  }),
} as const satisfies CommandOptions;

/** As `groupingOptions`, where there are other ways to say which. */
export const optionalGroupingOptions = {
  ...groupingOptions,
  job: { ...groupingOptions.job, isRequired: false },
} as const satisfies CommandOptions;

/** The labels of the group, `job` first. */
export function labelsOf({
  job,
  instance,
  label: others,
}: OptionValues<typeof groupingOptions>): Readonly<Record<string, string>> {
  return { job, ...(instance === "" ? {} : { instance }), ...Object.fromEntries(others) };
}

function jobName(given: string): string {
  if (given === "") throw new InvalidValue("must not be empty");
  return given;
}

function label(given: string): readonly [name: string, value: string] {
  const [, name, labelValue] = /^([^=]+)=(.*)$/s.exec(given) ?? [];
  if (name === undefined || labelValue === undefined)
    throw new InvalidValue(`must be NAME=VALUE, got "${given}"`);
  if (name === "job" || name === "instance") throw new InvalidValue(`must not be ${name}: use --${name}`);
  return [name, labelValue];
}

/** `{instance="db-1",job="backup"}`, for people. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, one]) => `${name}=${JSON.stringify(one)}`);
  return `{${pairs.join(",")}}`;
}
