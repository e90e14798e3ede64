import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { upstreamTests } from "./upstream-tests.ts";

describe("what upstream tests is tested here", () => {
  it.each(Object.entries(upstreamTests))("%s", (_, covers) => {
    expect(covers).not.toHaveLength(0);
    for (const { file, name } of covers) {
      expect(readFileSync(new URL(`../../${file}`, import.meta.url), "utf8")).toInclude(name);
    }
  });
});
