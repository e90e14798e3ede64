// Does with prom-client what each line of the standard input says; ../program.ts tells what is in them.

import { createInterface } from "node:readline";
import { Counter, Gauge, Histogram, Pushgateway, Registry, Summary } from "prom-client";

for await (const line of createInterface(process.stdin)) {
  try {
    await carryOut(line);
    console.log("ok");
  } catch (error) {
    console.log("failed:", error.message.replace(/\s+/g, " "));
  }
}

async function carryOut(line) {
  const [operation, metrics, url, login, compression, , jobName, ...pairs] = line.split("\t");
  const groupings = {};
  for (let i = 0; i < pairs.length; i += 2) groupings[pairs[i]] = pairs[i + 1];
  const options = {
    ...(login === "" ? {} : { auth: login }),
    ...(compression === "gzip" ? { headers: { "Content-Encoding": "gzip" } } : {}),
  };
  const gateway = new Pushgateway(url, options, registryOf(metrics));
  const methods = { push: "push", add: "pushAdd", delete: "delete" };
  await gateway[methods[operation]]({ jobName, groupings });
}

function registryOf(metrics) {
  const registry = new Registry();
  const registers = [registry];
  const queue = new Gauge({ name: "backup_queue_length", help: "Files that wait.", registers });
  if (metrics === "gauge") {
    queue.set(2);
    return registry;
  }
  queue.set(1.5);
  const files = new Counter({
    name: "backup_files_total",
    help: "Files that were looked at.",
    labelNames: ["outcome"],
    registers,
  });
  files.inc({ outcome: 'said "done" in C:\\ ✓' }, 3);
  const steps = new Histogram({
    name: "backup_step_seconds",
    help: "How long the steps took.",
    buckets: [0.1, 1, 10],
    registers,
  });
  const sizes = new Summary({
    name: "backup_file_bytes",
    help: "Sizes of the files.",
    percentiles: [0.5],
    registers,
  });
  for (const seconds of [0.5, 5]) {
    steps.observe(seconds);
    sizes.observe(200);
  }
  return registry;
}
