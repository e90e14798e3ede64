import { test } from "vitest";
import { createShell } from "../docs/shell.ts";
import { readDocument, runExamples } from "../support/document.ts";
import { startGateway } from "../support/gateway.ts";
import { startReference } from "../support/reference.ts";

test("the commands of docs/cli.md print what it shows", async () => {
  await using gateway = await startGateway();
  await using pushgateway = await startReference();
  for (const job of ["nightly", "weekly"])
    await fetch(`${pushgateway.url}/metrics/job/${job}`, { method: "PUT", body: `${job}_total 1\n` });
  await using shell = await createShell();
  const here = (commands: string) =>
    commands
      .replaceAll("http://localhost:9091", gateway.url)
      .replaceAll("http://pushgateway:9091", pushgateway.url);
  await runExamples(readDocument("docs/cli.md"), {
    ...shell,
    here,
    lasting: (output) => lasting(output.replaceAll(gateway.url, "http://localhost:9091")),
  });
});

/** Ages, sizes and what was measured are others each time, and so is what stands before and behind them. */
function lasting(text: string): string {
  return text
    .replace(/\d+s ago +/g, "AGE ")
    .replace(/ +\d+ +\d+ +(?=\{)/g, " SIZES ")
    .replace(/LAST PUSH +/, "LAST PUSH ")
    .replace(/[\d.]+ (?=ms|s,|MiB|pushes|series in)/g, "N ")
    .replace(/(?<=a second +)[\d.]+/, "N")
    .replace(/(?<=is Pushfleet )\S+/, "VERSION");
}
