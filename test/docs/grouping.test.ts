import { test } from "vitest";
import { readDocument, runExamples } from "../support/document.ts";
import { startGateway } from "../support/gateway.ts";
import { createShell } from "./shell.ts";

test("the commands of docs/grouping.md print what it shows", async () => {
  await using gateway = await startGateway();
  await using shell = await createShell();
  const here = (commands: string) =>
    `export PUSHFLEET_URL=${gateway.url}\n${commands.replaceAll("http://localhost:9091", gateway.url)}`;
  await runExamples(readDocument("docs/grouping.md"), { ...shell, here });
});
