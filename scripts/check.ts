// `npm run check`: format and lint, types, promise rules, dead code, dependency direction, generated documents.
// Runs all of them and reports every failure, so that one run tells all there is to mend.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { generatedDocuments } from "./documents.ts";
import { layeringProblems } from "./layering.ts";

const root = new URL("..", import.meta.url);

const checks: readonly (readonly [name: string, run: () => string[]])[] = [
  ["format and lint", () => command("biome", "ci", "--colors=off", "--error-on-warnings", ".")],
  ["types", () => command("tsc", "--noEmit")],
  ["types of the web UI", () => command("tsc", "--noEmit", "--project", "apps/web")],
  ["promises", () => command("oxlint", "--type-aware", "--deny-warnings")],
  ["dead code", () => command("knip")],
  ["dependency direction", () => layeringProblems(root)],
  ["generated documents", staleDocuments],
];

let failed = false;
for (const [name, run] of checks) {
  const problems = run();
  process.stdout.write(`${problems.length === 0 ? "ok  " : "FAIL"} ${name}\n`);
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  failed ||= problems.length > 0;
}
process.exitCode = failed ? 1 : 0;

/** Output of a failed command, nothing of a successful one. */
function command(name: string, ...args: string[]): string[] {
  const env = { ...process.env, NO_COLOR: "1" };
  const { status, stdout, stderr, error } = spawnSync(name, args, { cwd: root, env, encoding: "utf8" });
  return status === 0 ? [] : [error?.message ?? `${stdout}${stderr}`];
}

function staleDocuments(): string[] {
  return [...generatedDocuments()]
    .filter(([path, text]) => readFileSync(new URL(path, root), "utf8") !== text)
    .map(([path]) => `${path} is out of date: run npm run docs`);
}
