import { expect, test } from "vitest";
import { selectorOf } from "./selector.ts";

test.each([
  ["job", "backup", '{job="backup"}'],
  ["job", 'a "quoted" one', '{job="a \\"quoted\\" one"}'],
  ["job", "back\\slash\nand line", '{job="back\\\\slash\\nand line"}'],
  ["host.name", "é{}", '{"host.name"="é{}"}'],
  ['a"b', "", '{"a\\"b"=""}'],
])("a label %s of value %j is selected by %s", (name, value, selector) => {
  expect(selectorOf(name, value)).toBe(selector);
});
