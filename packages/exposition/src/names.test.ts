import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeName, isLegacyLabelName, isLegacyMetricName, unescapeName } from "./names.ts";

describe("the classic character set", () => {
  it.each(["a", "Z9", "_", "__proto__", ":", "a:b", "constructor"])("has the metric name %j", (name) => {
    expect(isLegacyMetricName(name)).toBe(true);
  });

  it.each(["", "1", "a-b", "a.b", "a b", "é", "a\n", "\na"])("lacks the metric name %j", (name) => {
    expect(isLegacyMetricName(name)).toBe(false);
  });

  it.each(["a", "Z9", "_", "__proto__"])("has the label name %j", (name) => {
    expect(isLegacyLabelName(name)).toBe(true);
  });

  it.each(["", "1", ":", "a:b", "a-b", "é", "a\n"])("lacks the label name %j", (name) => {
    expect(isLegacyLabelName(name)).toBe(false);
  });
});

describe("escapeName", () => {
  // As printed by prometheus/common 0.69.
  it.each([
    ["", "", "", ""],
    ["plain:name_total", "plain:name_total", "plain:name__total", "plain:name_total"],
    ["disk.used.bytes", "disk_used_bytes", "disk_dot_used_dot_bytes", "U__disk_2e_used_2e_bytes"],
    ["disk.used_bytes", "disk_used_bytes", "disk_dot_used__bytes", "U__disk_2e_used__bytes"],
    ["disk.used:sum", "disk_used:sum", "disk_dot_used:sum", "U__disk_2e_used:sum"],
    ["9lives", "_lives", "__lives", "U___39_lives"],
    ["a-9", "a_9", "a__9", "U__a_2d_9"],
    ["Größe in m²", "Gr__e_in_m_", "Gr____e__in__m__", "U__Gr_f6__df_e_20_in_20_m_b2_"],
    ["火😱", "__", "____", "U___706b__1f631_"],
    ["_.", "__", "___dot_", "U_____2e_"],
  ])("escapes %j", (name, underscores, dots, values) => {
    expect(escapeName(name, "allow-utf-8")).toBe(name);
    expect(escapeName(name, "underscores")).toBe(underscores);
    expect(escapeName(name, "dots")).toBe(dots);
    expect(escapeName(name, "values")).toBe(values);
  });

  it("always makes a classic name, and one that values can undo", () => {
    const names = fc
      .oneof(fc.string({ unit: "binary", minLength: 1 }), fc.stringMatching(/^[._:a9-]+$/))
      // Upstream cannot undo its own escape of these.
      .filter((name) => !/[\u{100000}-\u{10ffff}]/u.test(name) && !name.startsWith("U__"));
    fc.assert(
      fc.property(names, (name) => {
        expect(isLegacyMetricName(escapeName(name, "underscores"))).toBe(true);
        expect(isLegacyMetricName(escapeName(name, "dots"))).toBe(true);
        expect(isLegacyMetricName(escapeName(name, "values"))).toBe(true);
        expect(unescapeName(escapeName(name, "values"))).toBe(name);
      }),
    );
  });
});

describe("unescapeName", () => {
  it.each([
    ["U__plain:name", "plain:name"],
    ["U__a_2E_b", "a.b"],
    ["U__a_002e_b", "a.b"],
    ["U__a__b__", "a_b_"],
    ["U___1f631__706b_", "😱火"],
    ["U__", ""],
  ])("undoes %j", (name, expected) => {
    expect(unescapeName(name)).toBe(expected);
  });

  it.each([
    ["no mark", "a_2e_b"],
    ["a mark in lower case", "u__a_2e_b"],
    ["a single underscore", "U__a_b"],
    ["an underscore at the end", "U__a_"],
    ["a code that does not end", "U__a_2e"],
    ["a code that is not hexadecimal", "U__a_2g_"],
    ["a code that is too long", "U__a_10ffff_"],
    ["half of a surrogate pair", "U__a_D83D_"],
    ["an empty name", ""],
  ])("leaves a name alone that has %s", (_, name) => {
    expect(unescapeName(name)).toBe(name);
  });
});
