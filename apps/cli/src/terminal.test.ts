import { expect, test } from "vitest";
import { printable, span, table } from "./terminal.ts";

test.each([
  [0, "0s"],
  [59.9, "59s"],
  [60, "1m"],
  [3_725, "1h 2m"],
  [90_000, "1d 1h"],
  [-5, "0s"],
])("%d s are written %s", (seconds, text) => {
  expect(span(seconds)).toBe(text);
});

test("columns are as wide as what is in them", () => {
  const columns = [
    { title: "NAME", text: ({ name }: { name: string }) => name },
    { title: "N", align: "right" as const, text: ({ name }: { name: string }) => String(name.length) },
    { title: "END", text: () => "x" },
  ];
  expect(table(columns, [{ name: "a long one" }, { name: "b" }], (_, text) => text)).toBe(
    "NAME         N  END\na long one  10  x\nb            1  x\n",
  );
});

test("what a terminal would take for a command is shown instead", () => {
  expect(printable("a\u001b[31mb\u202e\n")).toBe("a\\u{1b}[31mb\\u{202e}\\u{a}");
});
