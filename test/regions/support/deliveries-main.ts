/**
 * Brings to a region what two others would: from each, by turns, a batch of the groups that were pushed there meanwhile, made anew.
 * Arguments: address of the region, and how many groups. The token is in TOKEN. Its standard input says how many milliseconds there
 * are from one delivery to the next of the same region, and 0 that there is none.
 */
import { argv, env, stdin, stdout } from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { batchMediaType, encodeBatch } from "@pushfleet/federation";
import { region, stateOf } from "../../federation-http/states.ts";
import { steadyBody } from "./steady-load.ts";

const [target, groups] = argv.slice(2);
if (target === undefined || groups === undefined) throw new Error("usage: deliveries-main.ts URL GROUPS");

let everyMs = 0;
stdin.on("data", (said) => {
  everyMs = Number(said.toString().trimEnd().split("\n").at(-1));
});

for (let round = 1; ; round++) {
  const next = performance.now() + (everyMs || 100);
  if (everyMs > 0) {
    await Promise.all([deliver("b", round), delay(everyMs / 2).then(() => deliver("c", round))]);
  }
  await delay(Math.max(0, next - performance.now()));
}

async function deliver(from: string, round: number): Promise<void> {
  const micros = Date.now() * 1000;
  const states = Array.from({ length: Number(groups) }, (_, group) =>
    stateOf({
      path: `/job/steady-${from}/instance/${group}`,
      body: steadyBody(round),
      region: from,
      micros: micros + group,
    }),
  );
  const response = await fetch(`${target}/federation/v1/changes`, {
    method: "POST",
    headers: { "Content-Type": batchMediaType, Authorization: `Bearer ${env["TOKEN"]}` },
    body: new Uint8Array(await encodeBatch(region(from), states)),
  });
  stdout.write(`${response.status} ${await response.text()}\n`);
}
