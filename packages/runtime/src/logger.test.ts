import { expect, test } from "vitest";
import { createLogger, type LogFormat } from "./logger.ts";

function logged(format: LogFormat, log: (logger: ReturnType<typeof createLogger>) => void): string[] {
  const lines: string[] = [];
  log(createLogger({ level: "info", format, sink: { write: (line) => lines.push(line) } }));
  return lines;
}

test("logfmt lines are key=value pairs, quoted only where needed", () => {
  const [line] = logged("logfmt", (logger) =>
    logger.info({ address: "127.0.0.1:9091", odd: 'a "b"\n' }, "two words"),
  );
  expect(line).toMatch(
    /^level=info time=\d{4}-\d\d-\d\dT[\d:.]+Z address=127\.0\.0\.1:9091 odd="a \\"b\\"\\n" msg="two words"\n$/,
  );
});

test("logfmt shows an error by its message", () => {
  const [line] = logged("logfmt", (logger) => logger.error({ err: new Error("disk full") }, "failed"));
  expect(line).toContain('err="disk full"');
});

test("JSON shows an error with its stack and those of its causes, and nothing that a library attached to it", () => {
  const cause = Object.assign(new Error("refused"), { command: { name: "auth", args: ["secret"] } });
  const error = Object.assign(new Error("no connection", { cause }), { command: cause.command });
  const [line] = logged("json", (logger) => logger.error({ err: error }, "failed"));
  const { err } = JSON.parse(line ?? "") as { err: { type: string; stack: string } };
  expect(err.type).toBe("Error");
  expect(err.stack).toMatch(/^Error: no connection\n.*caused by: Error: refused\n/s);
  expect(line).not.toContain("secret");
});

test("JSON lines carry the same event", () => {
  const [line] = logged("json", (logger) => logger.warn({ job: "a" }, "hello"));
  expect(JSON.parse(line ?? "")).toMatchObject({ level: "warn", job: "a", msg: "hello" });
});

test("events below the level are left out", () => {
  expect(logged("json", (logger) => logger.debug("quiet"))).toBeEmpty();
});
