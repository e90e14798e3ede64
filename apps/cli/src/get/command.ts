import { flag } from "@pushfleet/config/option";
import { defineCommand } from "../command/command.ts";
import type { CommandOptions } from "../command/option.ts";
import { connect, connectionOptions } from "../connection.ts";
import { labelsOf, optionalGroupingOptions } from "../grouping.ts";
import { UsageError } from "../usage-error.ts";

const getOptions = {
  ...optionalGroupingOptions,
  json: flag(false, { help: "Print JSON, for programs: as docs/api.md has it." }),
  ...connectionOptions,
} as const satisfies CommandOptions;

export const getCommand = defineCommand({
  name: "get",
  summary: "print the metrics of a group",
  description: [
    "Prints the metrics of one group in the text format, as they were pushed, with the labels of the group. The group is named by its labels or by its id. What it prints can be pushed again. Of native histograms text has only count and sum; --json has all.",
  ],
  operands: { kind: "one", placeholder: "ID", isOptional: true },
  options: getOptions,
  examples: [
    { what: "by labels", command: "pushfleet get --job=backup --instance=db-1" },
    {
      what: "copy it to another gateway",
      command: "pushfleet get --job=etl | pushfleet push --url=http://other:9091 --job=etl",
    },
  ],
  async run({ options, operands: [id] }, context) {
    if ((options.job === "") === (id === undefined)) throw new UsageError("either --job or an id is needed");
    using client = await connect(options, context);
    const group = await client.group(id ?? (await idOf(labelsOf(options))));
    if (options.json) context.stdout.write(`${JSON.stringify(group)}\n`);
    else {
      const { groupText } = await import("./group-text.ts");
      context.stdout.write(groupText(group));
    }
    return 0;
  },
});

async function idOf(labels: Readonly<Record<string, string>>): Promise<string> {
  const { groupOf } = await import("@pushfleet/groups");
  return groupOf(Object.entries(labels)).id;
}
