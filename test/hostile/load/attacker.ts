/**
 * A program that attacks the gateways at the given ports of 127.0.0.1. It tells on stdout what came of it, in a line of JSON ten
 * times a second; the first says that it is prepared. It begins when something comes on stdin, and goes on until it is killed.
 */
import { once } from "node:events";
import { type AttackName, attacks } from "./attacks.ts";

const [name, ...ports] = process.argv.slice(2);
const tally: Record<string, number> = {};
const begin = attacks[name as AttackName /* of prepareAttacker */]({
  ports: ports.map(Number),
  count: (outcome) => {
    tally[outcome] = (tally[outcome] ?? 0) + 1;
  },
});
console.log(JSON.stringify(tally));
await once(process.stdin, "data");
begin();
setInterval(() => console.log(JSON.stringify(tally)), 100);
