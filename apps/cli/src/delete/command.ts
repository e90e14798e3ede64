import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import type { Client, Deletion } from "@pushfleet/client";
import { flag, list, value } from "@pushfleet/config/option";
import { countFromOne, text } from "@pushfleet/config/values";
import { defineCommand } from "../command/command.ts";
import type { CommandOptions, OptionValues } from "../command/option.ts";
import { connect, connectionOptions } from "../connection.ts";
import type { Context } from "../context.ts";
import { Failure } from "../failure.ts";
import { labelsOf, optionalGroupingOptions } from "../grouping.ts";
import { UsageError } from "../usage-error.ts";

const deleteOptions = {
  ...optionalGroupingOptions,
  match: list(text, [], {
    placeholder: "SELECTOR",
    help: "Delete all groups that this selector matches, as in PromQL. With several, any has to match.",
  }),
  "dry-run": flag(false, { help: "With --match: only tell how many groups that is." }),
  max: value(countFromOne, 1_000, {
    placeholder: "COUNT",
    help: "With --match: delete nothing when there are more groups.",
  }),
  yes: flag(false, { help: "With --match: do not ask. Without a terminal nothing is ever asked." }),
  json: flag(false, { help: "Print JSON, for programs." }),
  ...connectionOptions,
} as const satisfies CommandOptions;

type DeleteOptions = OptionValues<typeof deleteOptions>;

export const deleteCommand = defineCommand({
  name: "delete",
  summary: "delete one group, or all that a selector matches",
  description: [
    "Deletes the group of exactly the labels given; that there is none is no error. With --match, all groups that the selector matches: on a terminal it says how many that is and asks first, and then never deletes more than that.",
    "The next push brings a group back.",
  ],
  operands: { kind: "none" },
  options: deleteOptions,
  examples: [
    { what: "one group", command: "pushfleet delete --job=backup --instance=db-1" },
    {
      what: "how many a selector matches",
      command: `pushfleet delete --match='{job="backup",instance=~"db-.*"}' --dry-run`,
    },
    {
      what: "in a script",
      command: `pushfleet delete --match='{job=~"ci-.+"}' --max=50 --yes`,
    },
  ],
  async run({ options }, context) {
    if ((options.job === "") === (options.match.length === 0))
      throw new UsageError("either --job or --match is needed");
    using client = await connect(options, context);
    if (options.match.length > 0) return deleteMatching(client, options, context);
    if (options["dry-run"]) throw new UsageError("--dry-run needs --match");
    const labels = labelsOf(options);
    await client.deleteGroup(labels);
    if (options.json) context.stdout.write(`${JSON.stringify({ labels })}\n`);
    return 0;
  },
});

async function deleteMatching(client: Client, options: DeleteOptions, context: Context): Promise<number> {
  const { match, json, yes } = options;
  const tell = (result: unknown, words: string) =>
    context.stdout.write(json ? `${JSON.stringify(result)}\n` : `${words}\n`);
  if (options["dry-run"]) {
    const counted = await client.deleteMatching(match, { dryRun: true });
    tell(counted, `${groupCount(counted.matched)} would be deleted`);
    return 0;
  }
  const isAsking = !yes && context.stdin.isTTY === true && context.stderr.isTTY === true;
  const max = isAsking ? await confirmed(client, options, context) : options.max;
  const deleted = max === 0 ? noDeletion : await client.deleteMatching(match, { max });
  tell(deleted, `${groupCount(deleted.deleted)} deleted`);
  return 0;
}

const noDeletion: Deletion = { matched: 0, deleted: 0, dry_run: false };

/** How many groups may be deleted: as many as were there when somebody said yes. Without any, nobody is asked. */
async function confirmed(client: Client, { match, max }: DeleteOptions, context: Context): Promise<number> {
  const { matched } = await client.deleteMatching(match, { dryRun: true });
  if (matched === 0) return 0;
  if (matched > max) throw new Failure(`${matched} groups match, which is more than --max=${max}`);
  const answer = await ask(`Delete ${groupCount(matched)}? [y/N] `, context);
  if (!/^y(?:es)?$/i.test(answer.trim())) throw new Failure("nothing was deleted");
  return matched;
}

/** "" when it is interrupted, or when the input ends. */
async function ask(question: string, { stdin, stderr }: Context): Promise<string> {
  const questions = createInterface({ input: stdin, output: stderr });
  const ended = once(questions, "close").then(() => "");
  try {
    return await Promise.race([questions.question(question).catch(() => ""), ended]);
  } finally {
    questions.close();
  }
}

function groupCount(count: number): string {
  return `${count} ${count === 1 ? "group" : "groups"}`;
}
