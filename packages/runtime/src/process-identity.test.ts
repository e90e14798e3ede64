import { hostname } from "node:os";
import { expect, test } from "vitest";
import { identifyProcess } from "./process-identity.ts";

test.each([
  [{ host: "10.0.0.7", port: 9091 }, "10.0.0.7:9091"],
  [{ host: "fd00::7", port: 9091 }, "[fd00::7]:9091"],
  [{ host: "", port: 9091 }, `${hostname()}:9091`],
  [{ host: "0.0.0.0", port: 1 }, `${hostname()}:1`],
  [{ host: "::", port: 1 }, `${hostname()}:1`],
])("a process that listens on %j is called %s", (address, name) => {
  expect(identifyProcess([address]).name).toBe(name);
});

test("no two processes have the same id", () => {
  const address = { host: "", port: 9091 };
  expect(identifyProcess([address]).id).not.toBe(identifyProcess([address]).id);
});
