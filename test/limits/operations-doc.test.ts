import { readFile } from "node:fs/promises";
import { limitOptions, loadConfigFileParser } from "@pushfleet/config";
import { expect, test } from "vitest";

const operations = await readFile(new URL("../../docs/operations.md", import.meta.url), "utf8");

test("docs/operations.md lists every limit with its default", () => {
  const listed = [...operations.matchAll(/^\|[^|]+\| `--(\S+)` \| `(\S+)` \| (?:413|429) \|$/gm)];
  const documented = Object.fromEntries(listed.map(([, name = "", value]) => [name, value]));
  const actual = Object.entries(limitOptions).map(([name, option]) => [name, option.format(option.default)]);
  expect(documented).toEqual(Object.fromEntries(actual));
});

test("the rules shown there can be used", async () => {
  const [, example = ""] = /^```yaml\n(limits:\n[^`]*)```$/m.exec(operations) ?? [];
  const parse = await loadConfigFileParser((text) => text);
  expect(parse(example, "example").limits.rules).toHaveLength(3);
});
