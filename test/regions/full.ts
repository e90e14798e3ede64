// `npm run test:regions:full`: test/regions with the numbers that docs/regions.md promises. For a machine that has nothing else to do.

import { spawn } from "node:child_process";

const numbers = {
  PUSHES: 500,
  SECONDS: 20,
  ROUNDS: 7,
  LAG_MS: 2_000,
  P99_RATIO: 1.1,
  CUT_SECONDS: 120,
  HEALED_MS: 10_000,
  KILLS: 50,
  MOVED_MS: 5_000,
  GROUPS: 10_000,
  CAUGHT_UP_MS: 10_000,
};

// What the environment says already is meant.
const env = {
  ...Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => [`PUSHFLEET_REGION_${name}`, String(value)]),
  ),
  ...process.env,
};
const args = ["run", "--project", "regions", ...process.argv.slice(2)];
const tests = spawn("vitest", args, { env, stdio: "inherit" });
tests.on("exit", (code) => {
  process.exitCode = code ?? 1;
});
