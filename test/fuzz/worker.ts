// Runs one target in a thread of its own: see main.ts.

import { parentPort, workerData } from "node:worker_threads";
import { fuzz } from "./campaign.ts";
import type { Errand } from "./errand.ts";
import { Pulse } from "./pulse.ts";
import { targets } from "./targets/index.ts";

const { target: name, inputs, seed, memory }: Errand = workerData;
const target = targets.find((one) => one.name === name);
if (target === undefined) throw new Error(`no such target: ${name}`);
const pulse = new Pulse(memory);
parentPort?.postMessage(await fuzz(pulse.watch(target), { inputs, seed }));
