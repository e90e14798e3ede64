import { expect, test } from "vitest";
import { deleteCommand, mergeCommand, pushCommand } from "./commands.ts";

const url = "https://gateway.example/prefix/metrics/job/backup";

test("the commands push, merge and delete", () => {
  expect([pushCommand(url), mergeCommand(url), deleteCommand(url)]).toEqual([
    `echo 'some_metric 42' | curl -X PUT --data-binary @- '${url}'`,
    `echo 'some_metric 42' | curl --data-binary @- '${url}'`,
    `curl -X DELETE '${url}'`,
  ]);
});

test("curl does not take an IPv6 address for a pattern", () => {
  expect(deleteCommand("http://[::1]:9091/metrics/job/x")).toBe(
    "curl --globoff -X DELETE 'http://[::1]:9091/metrics/job/x'",
  );
});
