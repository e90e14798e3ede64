// `npm run test:cli-outage`: 1,000 commands by "pushfleet run" while the gateway is down, silent, failing and comes back.

import { runThroughOutage } from "./outage.ts";

const began = performance.now();
const { runs, problems, delaysMs, spooled } = await runThroughOutage({
  runs: 1_000,
  jobs: 50,
  atOnce: 4,
  timeoutMs: 1_000,
});
const delay = (part: number) => delaysMs[Math.min(delaysMs.length - 1, Math.floor(delaysMs.length * part))];
process.stdout.write(`${runs} runs in ${Math.round((performance.now() - began) / 1000)} s, ${spooled} of them kept their metrics at first
from the end of a command to that of its run: median ${delay(0.5)} ms, 99 % ${delay(0.99)} ms, longest ${delay(1)} ms (--timeout=1s)
${problems.length} problems
${problems.map((problem) => `${problem}\n`).join("")}`);
process.exitCode = problems.length === 0 ? 0 : 1;
