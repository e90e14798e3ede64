import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const document = readFileSync(`${root}docs/security.md`, "utf8");

/** The tests that each row of the tables of threats names. */
const rows = [...document.matchAll(/^\| ([^|]+) \| [^|]+ \| ([^|]+) \|$/gm)]
  .map(([, threat = "", tests = ""]) => ({ threat, tests: tests.split(", ") }))
  .filter(({ threat }) => threat !== "Threat" && !/^-+$/.test(threat));

test("docs/security.md has its tables of threats", () => {
  expect(rows.length).toBeGreaterThan(20);
});

describe.each(rows)("$threat", ({ tests }) => {
  test.each(tests)("%s is a test, or a folder with some", (name) => {
    expect(globSync([`${name}.test.ts`, `${name}/**/*.test.ts`], { cwd: root })).not.toBeEmpty();
  });
});
