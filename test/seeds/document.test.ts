import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readDocument } from "../support/document.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));
const rows = [...readDocument("docs/seeds.md").matchAll(/^\| [^|]+ \| `([^`]+)` \| `([^`]+)` \|/gm)].map(
  ([, snippet = "", name = ""]) => ({ snippet, name }),
);

test("docs/seeds.md has each snippet once, and no other", () => {
  const snippets = globSync("*/*", { cwd: `${folder}articles` });
  expect(rows.map(({ snippet }) => snippet)).toIncludeSameMembers(snippets);
});

test.each(rows)("$snippet is run by the test $name", ({ snippet, name }) => {
  expect(readFileSync(`${folder}${name}.test.ts`, "utf8")).toInclude(snippet);
});
