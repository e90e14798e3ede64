import { flag } from "@pushfleet/config/option";
import { defineCommand } from "../command/command.ts";
import type { CommandOptions } from "../command/option.ts";
import { connect, connectionOptions, outputOptions } from "../connection.ts";
import type { Context } from "../context.ts";
import { labelText } from "../grouping.ts";
import { type Column, paintFor, printable, span, table } from "../terminal.ts";
import { openSpool } from "./open-spool.ts";
import type { Spool } from "./spool.ts";
import { spoolOptions } from "./spool-options.ts";
import type { SpooledPush } from "./spooled-push.ts";

const commandOptions = {
  quiet: flag(false, { help: "Say nothing when all was sent." }),
  ...spoolOptions,
  ...outputOptions,
  ...connectionOptions,
} as const satisfies CommandOptions;

export const spoolCommand = defineCommand({
  name: "spool",
  summary: "list or send what could not be sent before",
  description: [
    'What "run" could not send waits on disk, for the gateways that it was meant for: --url has to be what it was. The next run sends it; flush does it now, list shows it. Of each group, one push is sent that does what all that wait would have done one after the other. At most 1,000 groups wait, none longer than 7 days.',
  ],
  operands: { kind: "one", placeholder: "list|flush", isOptional: false, words: ["list", "flush"] },
  options: commandOptions,
  examples: [
    { what: "what waits", command: "pushfleet spool list" },
    { what: "from cron, where jobs run seldom", command: "pushfleet spool flush --quiet" },
  ],
  async run({ options, operands: [action] }, context) {
    const spool = openSpool(options, context.env);
    if (action === "list") return listWaiting(spool, options, context);
    const waiting = (await spool.keys()).length;
    using client = await connect(options, context);
    const { deliverAll } = await import("./deliver.ts");
    await deliverAll({ spool, client, warn: context.warn }, { timeoutMs: options.timeout });
    if (options.json) context.stdout.write(`${JSON.stringify({ groups: waiting })}\n`);
    else if (!options.quiet)
      context.stdout.write(`metrics of ${waiting} ${waiting === 1 ? "group" : "groups"} sent\n`);
    return 0;
  },
});

async function listWaiting(
  spool: Spool,
  options: { readonly json: boolean; readonly color: boolean },
  context: Context,
): Promise<number> {
  const groups = await Promise.all((await spool.keys()).map((key) => spool.waiting(key)));
  const waiting = groups.flat().toSorted((a, b) => a.atMs - b.atMs);
  const paint = paintFor(context.stdout, options);
  if (options.json) context.stdout.write(waiting.map((push) => `${JSON.stringify(push)}\n`).join(""));
  else if (waiting.length > 0) context.stdout.write(table(columns(context.now()), waiting, paint));
  return 0;
}

function columns(nowMs: number): readonly Column<SpooledPush>[] {
  return [
    { title: "AGE", text: ({ atMs }) => span((nowMs - atMs) / 1000) },
    { title: "PUSH", text: ({ mode }) => mode },
    { title: "FAMILIES", align: "right", text: ({ families }) => String(families.length) },
    { title: "GROUP", text: ({ labels }) => printable(labelText(labels)) },
  ];
}
