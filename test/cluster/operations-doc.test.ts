import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

test("each row of the table of failures in docs/operations.md names a test that there is", () => {
  const [, section = ""] = readFile("docs/operations.md").split(
    "## What fails, what users see, what to do\n",
  );
  const [table = ""] = /(^\|.*\n)+/m.exec(section) ?? [];
  const [, , ...rows] = table.trimEnd().split("\n");
  expect(rows.length).toBeGreaterThan(10);
  expect(rows.flatMap(missingTests)).toBeEmpty();
});

/** What the last cell of a row names and is not there. */
function missingTests(row: string): string[] {
  const names = row.split("|").at(-2)?.split("<br>") ?? [];
  return names.filter((name) => {
    const [, file = "", title = ""] = /^ ?`([\w/-]+)`: (.+?) ?$/.exec(name) ?? [];
    return title === "" || !titlesIn(`test/${file}.test.ts`).some((pattern) => pattern.test(title));
  });
}

/** Matches the title of each test in the file, with anything where a title says `${…}`. */
function titlesIn(path: string): RegExp[] {
  return [...readFile(path).matchAll(/\btest\((["`])(.+?)\1/g)].map(([, , title = ""]) => {
    const literals = title.split(/\$\{.*?\}/).map((literal) => RegExp.escape(literal));
    return new RegExp(`^${literals.join(".+")}$`);
  });
}

function readFile(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
}
