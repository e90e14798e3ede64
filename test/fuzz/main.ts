/**
 * `npm run fuzz -- [--inputs=COUNT] [--seed=NUMBER] [TARGET ...]`: gives parsers, admission, the store and the gateway
 * inputs that nobody sends on purpose, and prints what came of it. What it finds is kept in corpus/, which
 * corpus.test.ts gives to all targets with every test run.
 */
import { availableParallelism } from "node:os";
import { argv } from "node:process";
import { parseArgs } from "node:util";
import type { Tally } from "./campaign.ts";
import { keepCase } from "./corpus.ts";
import { runInThread } from "./errand.ts";
import { tallyTable } from "./table.ts";
import { shares } from "./targets/index.ts";

const { values, positionals } = parseArgs({
  args: argv.slice(2),
  allowPositionals: true,
  options: { inputs: { type: "string", default: "5000000" }, seed: { type: "string" } },
});
const unknown = positionals.filter((name) => !shares.has(name));
if (unknown.length > 0)
  throw new Error(`no such target: ${unknown.join(", ")}; there are ${[...shares.keys()].join(", ")}`);
const inputs = wholeNumber("--inputs", values.inputs);
const seed = values.seed === undefined ? Date.now() % 1_000_000_000 : wholeNumber("--seed", values.seed);
process.stdout.write(`seed ${seed}: the same again with --seed=${seed} --inputs=${inputs}\n`);

const wanted = [...shares].filter(([name]) => positionals.length === 0 || positionals.includes(name));
const parts = wanted.reduce((sum, [, share]) => sum + share, 0);
const waiting = wanted.map(([target, share]) => ({
  target,
  inputs: Math.ceil((inputs * share) / parts),
  seed,
}));
const tallies: Tally[] = [];
await Promise.all(Array.from({ length: availableParallelism() }, workOff));
const order = wanted.map(([name]) => name);
tallies.sort((a, b) => order.indexOf(a.target) - order.indexOf(b.target));
process.stdout.write(`${tallyTable(tallies)}\n`);
process.exitCode = tallies.some(({ findings }) => findings.length > 0) ? 1 : 0;

/** One thread after the other, until none is left to start. */
async function workOff(): Promise<void> {
  for (let errand = waiting.shift(); errand !== undefined; errand = waiting.shift()) {
    const tally = await runInThread(errand);
    tallies.push(tally);
    for (const { kind, message, inputs: found } of tally.findings) {
      const file = keepCase(tally.target, found);
      process.stdout.write(`${tally.target}: ${kind}: ${message}\n  kept as ${file}\n`);
    }
  }
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new Error(`${option} must be a whole number, got "${text}"`);
  return Number(text);
}
