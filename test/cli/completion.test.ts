import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createHome } from "./pushfleet.ts";

/** What bash offers for the last word, as it splits a line into words. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  await using home = await createHome("http://127.0.0.1:1");
  const { stdout: script } = await home.run(["completion", "bash"]);
  const run = `${script}
    COMP_WORDS=(pushfleet "$@"); COMP_CWORD=$#; _pushfleet; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const cwd = fileURLToPath(new URL("../..", import.meta.url));
  const { stdout, stderr } = spawnSync("bash", ["-c", run, "bash", ...words], { cwd, encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout.split("\n").filter((line) => line !== "");
}

test("bash completes commands, options, their values and files", async () => {
  expect(await offered("g")).toEqual(["groups", "get"]);
  expect(await offered("push", "--pass")).toEqual(["--password-file="]);
  expect(await offered("groups", "--sort", "=", "s")).toEqual(["series"]);
  expect(await offered("groups", "--sort", "e")).toEqual(["expiry"]);
  expect(await offered("push", "--ca", "=", "READ")).toEqual(["README.md"]);
  expect(await offered("run", "--spool-dir", "=", "scr")).toEqual(["scripts"]);
  expect(await offered("push", "READ")).toEqual(["README.md"]);
  expect(await offered("completion", "z")).toEqual(["zsh"]);
  expect(await offered("run", "--job", "=", "a", "--", "READ")).toEqual(["README.md"]);
});

test.each(["bash", "zsh", "fish"] as const)("the completions of %s can be read by it", async (shell) => {
  await using home = await createHome("http://127.0.0.1:1");
  const { stdout: script, exitCode } = await home.run(["completion", shell]);
  expect(exitCode).toBe(0);
  const { error, status, stderr } = spawnSync(shell, ["-n"], { input: script, encoding: "utf8" });
  if (error !== undefined) return; // The shell is not installed.
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});
