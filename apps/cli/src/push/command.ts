import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { flag } from "@pushfleet/config/option";
import { defineCommand } from "../command/command.ts";
import type { CommandOptions } from "../command/option.ts";
import { connect, connectionOptions } from "../connection.ts";
import { Failure } from "../failure.ts";
import { groupingOptions, labelsOf, ttlOptions } from "../grouping.ts";
import { deliverEarlier, deliverOthers } from "../spool/deliver.ts";
import { openSpool } from "../spool/open-spool.ts";
import { spoolOptions } from "../spool/spool-options.ts";

const pushOptions = {
  ...groupingOptions,
  merge: flag(false, {
    help: "Replace only metrics of the same names (POST). Otherwise all of the group are replaced (PUT).",
  }),
  ...ttlOptions,
  protobuf: flag(false, { help: "The metrics are delimited protobuf messages instead of text." }),
  ...spoolOptions,
  ...connectionOptions,
} as const satisfies CommandOptions;

export const pushCommand = defineCommand({
  name: "push",
  summary: "push metrics from a file or standard input",
  description: [
    "Pushes metrics in the text format to one group. What they replace: without --merge everything in the group, by PUT; with --merge only what has the same names, by POST.",
    "What still waits in the spool is sent first, that of this group in any case, so that nothing older arrives after this push.",
  ],
  operands: { kind: "one", placeholder: "FILE", isOptional: true },
  options: pushOptions,
  examples: [
    {
      what: "one value, beside what the group has already",
      command: "echo 'backup_size_bytes 1073741824' | pushfleet push --job=backup --instance=db-1 --merge",
    },
    {
      what: "a file, to whichever of two gateways answers, gone after two days",
      command: "pushfleet push --url=http://gw-1:9091 --url=http://gw-2:9091 --job=etl --ttl=2d etl.prom",
    },
  ],
  async run({ options, operands: [path = "-"] }, context) {
    const metrics = path === "-" ? await buffer(context.stdin) : await readMetrics(path);
    const labels = labelsOf(options);
    using client = await connect(options, context);
    const spool = openSpool(options, context.env);
    const deliverer = { spool, client, warn: context.warn };
    const deadline = performance.now() + options.timeout;
    const left = () => ({ timeoutMs: Math.max(1, deadline - performance.now()) });
    await deliverEarlier(deliverer, spool.keyOf(labels), left());
    await client.push(labels, metrics, {
      mode: options.merge ? "merge" : "replace",
      format: options.protobuf ? "protobuf" : "text",
      ttlMs: options.ttl,
      ...left(),
    });
    await deliverOthers(deliverer, left());
    return 0;
  },
});

async function readMetrics(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new Failure(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
