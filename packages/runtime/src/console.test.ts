import { expect, onTestFinished, test } from "vitest";
import { logConsole } from "./console.ts";
import { createLogger, type Logger } from "./logger.ts";

test("what libraries print becomes lines of the log, once there is one", () => {
  const { warn, error } = console;
  onTestFinished(() => void Object.assign(console, { warn, error }));
  const lines: string[] = [];
  let log: Logger | undefined;
  logConsole(() => log);
  console.warn("too early");
  log = createLogger({ level: "info", format: "logfmt", sink: { write: (line) => lines.push(line) } });
  console.warn("%s is not\nneeded", "A password");
  console.error("failed:", new Error("out of reach"));
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^level=warn time=\S+ msg="A password is not\\nneeded"\n$/);
  expect(lines[1]).toMatch(/^level=error time=\S+ msg="failed: Error: out of reach\\n.*"\n$/);
});
