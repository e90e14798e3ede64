import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { groupPath } from "../../apps/web/src/api/group-path.ts";
import { deleteCommand, shellQuoted } from "../../apps/web/src/group/commands.ts";

test.each(["it's", "''", '$HOME `id` $(id) \\ " ! * ~ ; | & < > # { } [ ]', "two\nlines", "-n é 漢"])(
  "a shell reads the quoted %j as it was",
  (text) => {
    expect(execFileSync("sh", ["-c", `printf %s ${shellQuoted(text)}`], { encoding: "utf8" })).toBe(text);
  },
);

test("the address of any group reaches curl unchanged", () => {
  const address = new URL(`.${groupPath({ job: "it's $HOME", dir: "a/b`id`" })}`, "http://h/").href;
  expect(
    execFileSync("sh", ["-c", deleteCommand(address).replace("curl", "printf '%s\n'")], { encoding: "utf8" }),
  ).toBe(`-X\nDELETE\n${address}\n`);
});
