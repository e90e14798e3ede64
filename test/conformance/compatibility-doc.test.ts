import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { differences } from "../tls/differences.ts";
import { additionCases, utf8Cases } from "./cases/additions.ts";
import { casesByTopic } from "./cases/index.ts";

it("docs/compatibility.md lists exactly the differences that have a case", () => {
  const text = readFileSync(new URL("../../docs/compatibility.md", import.meta.url), "utf8");
  const documented = [...text.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, id]) => id);
  const compared = Object.values(casesByTopic).flatMap((cases) =>
    cases.map(({ difference }) => difference?.id),
  );
  const added = [...additionCases, ...utf8Cases].map(({ differenceId }) => differenceId);
  const ofTls = differences.map(({ id }) => id);
  const tested = new Set([...compared, ...added, ...ofTls].filter((id) => id !== undefined));
  expect(documented.toSorted()).toEqual([...tested].toSorted());
});
