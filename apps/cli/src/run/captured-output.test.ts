import { spawn } from "node:child_process";
import { once } from "node:events";
import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { CapturedOutput } from "./captured-output.ts";

const limits = { forOthersMs: 10, signal: new AbortController().signal };

/** Somebody who takes one piece after the other, each after so many milliseconds. */
function reader(pauseMs: number) {
  let bytes = 0;
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      setTimeout(done, pauseMs);
    },
  });
  return { stream, bytes: () => bytes };
}

function start(script: string) {
  return spawn("sh", ["-c", script], { stdio: ["ignore", "pipe", "ignore"] });
}

test("who reads slowly gets all that the command wrote", async () => {
  const child = start("head -c 600000 /dev/zero; printf '\\n::m a 1'");
  const slow = reader(100);
  const output = new CapturedOutput(child.stdout, slow.stream, "::m ");
  await once(child, "exit");
  expect(slow.bytes()).toBeLessThan(600_001);
  await output.passed(limits);
  expect([slow.bytes(), output.metricLines.lines]).toEqual([600_001, ["a 1"]]);
});

test("who writes without end is not waited for", async () => {
  const child = start("yes &");
  const fast = reader(0);
  const output = new CapturedOutput(child.stdout, fast.stream, "::m ");
  await once(child, "exit");
  await output.passed(limits);
  expect(fast.bytes()).toBeGreaterThan(0);
});
