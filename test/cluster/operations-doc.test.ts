import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

test.each([
  { document: "docs/operations.md", headline: "## What fails, what users see, what to do\n" },
  { document: "docs/regions.md", headline: "## What fails\n" },
])("each row of the table of failures in $document names a test that there is", ({ document, headline }) => {
  const [, section = ""] = readFile(document).split(headline);
  const [table = ""] = /(^\|.*\n)+/m.exec(section) ?? [];
  const [, , ...rows] = table.trimEnd().split("\n");
  expect(rows.length).toBeGreaterThan(10);
  expect(rows.flatMap(missingTests)).toBeEmpty();
});

/** What the last cell of a row names and is not there; files are named as they are below `test`, those of packages as they are. */
function missingTests(row: string): string[] {
  const names = row.split("|").at(-2)?.split("<br>") ?? [];
  return names.filter((name) => {
    const [, file = "", title = ""] = /^ ?`([\w/-]+)`: (.+?) ?$/.exec(name) ?? [];
    const path = file.startsWith("packages/") ? `${file}.ts` : `test/${file}.test.ts`;
    return title === "" || !titlesIn(path).some((pattern) => pattern.test(title));
  });
}

/** Matches the title of each test in the file, with anything where a title says `${…}` or `%i`. */
function titlesIn(path: string): RegExp[] {
  return [...readFile(path).matchAll(/\btest(?:\.each\(.+\))?\(\s*(["`])(.+?)\1/g)].map(
    ([, , title = ""]) => {
      const literals = title.split(/\$\{.*?\}|%i/).map((literal) => RegExp.escape(literal));
      return new RegExp(`^${literals.join(".+")}$`);
    },
  );
}

function readFile(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
}
