import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { loadScript } from "./script-loader.ts";

test("a script starts with its shebang, has its includes in place and is named by its hash", () => {
  const script = loadScript("push");
  expect(script.source).toStartWith("#!lua\n");
  expect(script.source).not.toContain("@include");
  expect(script.source.indexOf("local function read_state")).toBeWithin(
    1,
    script.source.indexOf("read_state()\nif"),
  );
  expect(script.sha1).toBe(createHash("sha1").update(script.source).digest("hex"));
});

test("a missing script is an error that names the file", () => {
  expect(() => loadScript("no-such-script")).toThrow(/no-such-script\.lua/);
});
