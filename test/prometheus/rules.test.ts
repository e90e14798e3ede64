import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { ops, promtool } from "./promtool.ts";

const files = ["rules.yml", "batch-jobs.yml"];

test.each(files)("each alert of %s fires for what it is about, and for nothing else", async (file) => {
  expect(await promtool("test", "rules", testsOf(file))).toContain("SUCCESS");
});

test.each(files)("each alert of %s has a test in which it fires and one in which it is quiet", (file) => {
  const { tests } = parse(readFileSync(testsOf(file), "utf8"), { maxAliasCount: 100 }) as PromtoolTests;
  const expectations = tests.flatMap((one) => one.promql_expr_test);
  for (const alert of alertsIn(file)) {
    const own = expectations.filter((one) => isAbout(one, alert));
    const firing = own.filter(({ exp_samples }) => exp_samples.length > 0);
    expect(firing, `${alert} fires`).not.toBeEmpty();
    expect(own.length - firing.length, `${alert} is quiet`).toBeGreaterThan(0);
  }
});

test("docs/monitoring.md has a row for each alert, and for no other", () => {
  const text = readFileSync(new URL("../../docs/monitoring.md", import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| `([A-Z]\w+)` \|/gm)].map(([, name]) => name);
  expect(rows).toIncludeSameMembers(files.flatMap(alertsIn));
});

interface PromtoolTests {
  readonly tests: readonly { readonly promql_expr_test: readonly Expectation[] }[];
}

interface Expectation {
  readonly expr: string;
  readonly exp_samples: readonly { readonly labels: string }[];
}

/** Those of one alert by itself: that all of them are quiet at once proves little about one. */
function isAbout({ expr, exp_samples }: Expectation, alert: string): boolean {
  const name = `alertname="${alert}"`;
  return exp_samples.length > 0
    ? exp_samples.some(({ labels }) => labels.includes(name))
    : expr.includes(name);
}

function testsOf(file: string): string {
  return `${ops}prometheus/${file.replace(".yml", ".test.yml")}`;
}

function alertsIn(file: string): string[] {
  // Prometheus' own format.
  const { groups } = parse(readFileSync(`${ops}prometheus/${file}`, "utf8")) as {
    groups: { rules: { alert?: string }[] }[];
  };
  return groups.flatMap((group) => group.rules.flatMap(({ alert }) => alert ?? []));
}
