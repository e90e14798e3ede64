/**
 * Brings to a region what two others would: from each, by turns, a batch of the groups that were pushed there meanwhile. All batches
 * are made beforehand, as that would be the work of other machines. Arguments: address of the region, how many groups, and how many
 * batches from each of the two. The token is in TOKEN. Its standard input says how many milliseconds there are from one delivery to
 * the next of the same region, and 0 that there is none. Its first line says that all is made; then there is one for each answer.
 */
import { argv, env, stdin, stdout } from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { batchMediaType, encodeBatch } from "@pushfleet/federation";
import { region, stateOf } from "../../federation-http/states.ts";
import { steadyBody } from "./steady-load.ts";

const [target, groups, batches] = argv.slice(2);
if (target === undefined || groups === undefined || batches === undefined)
  throw new Error("usage: deliveries-main.ts URL GROUPS BATCHES");

let everyMs = 0;
stdin.on("data", (said) => {
  everyMs = Number(said.toString().trimEnd().split("\n").at(-1));
});

const stock = { b: await batchesOf("b"), c: await batchesOf("c") };
stdout.write("ready\n");
for (;;) {
  const next = performance.now() + (everyMs || 100);
  if (everyMs > 0) {
    await Promise.all([deliver(stock.b), delay(everyMs / 2).then(() => deliver(stock.c))]);
  }
  await delay(Math.max(0, next - performance.now()));
}

/** Of the same groups, each newer than the one before. */
async function batchesOf(from: string): Promise<Uint8Array<ArrayBuffer>[]> {
  const micros = Date.now() * 1000;
  const made: Uint8Array<ArrayBuffer>[] = [];
  for (let round = 0; round < Number(batches); round++) {
    const states = Array.from({ length: Number(groups) }, (_, group) =>
      stateOf({
        path: `/job/steady-${from}/instance/${group}`,
        body: steadyBody(round),
        region: from,
        micros: micros + round * Number(groups) + group,
      }),
    );
    made.push(new Uint8Array(await encodeBatch(region(from), states)));
  }
  return made;
}

async function deliver(batches: Uint8Array<ArrayBuffer>[]): Promise<void> {
  const body = batches.shift();
  if (body === undefined) throw new Error("more deliveries than were made beforehand");
  const response = await fetch(`${target}/federation/v1/changes`, {
    method: "POST",
    headers: { "Content-Type": batchMediaType, Authorization: `Bearer ${env["TOKEN"]}` },
    body,
  });
  stdout.write(`${response.status} ${await response.text()}\n`);
}
