import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

/** Comes with Prometheus (apt-get install prometheus). */
const promtool = promisify(execFile);
const rules = fileURLToPath(new URL("../../ops/prometheus/rules.test.yml", import.meta.url));

test("each alert fires for what it is about, and for nothing else", async () => {
  const { stdout } = await promtool("promtool", ["test", "rules", rules]);
  expect(stdout).toContain("SUCCESS");
});
