import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { progressText, startProgress } from "./progress.ts";

test.each([
  [4_000, 80, `[${"#".repeat(16)}${" ".repeat(24)}]  40% 4,000 of 10,000 groups`],
  [10_000, 80, `[${"#".repeat(40)}] 100% 10,000 of 10,000 groups`],
  [4_000, 40, "[####     ]  40% 4,000 of 10,000 groups"],
  [4_000, 20, " 40% 4,000 of 10,00"],
])("%d done in %d columns", (done, columns, text) => {
  expect(progressText(done, { total: 10_000, unit: "groups" }, columns)).toBe(text);
});

test("only a terminal is shown progress, and keeps nothing of it", () => {
  const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  const file = new PassThrough();
  for (const stream of [terminal, file]) {
    using progress = startProgress(stream, { total: 2, unit: "groups" });
    progress.show(0);
    progress.show(1);
    progress.show(2);
  }
  expect(file.read()).toBeNull();
  const shown = String(terminal.read());
  expect(shown.split("\r").map((line) => line.replace("\u001b[K", "").trim())).toEqual([
    "",
    expect.stringContaining("0 of 2 groups"),
    expect.stringContaining("2 of 2 groups"),
    "",
  ]);
});
