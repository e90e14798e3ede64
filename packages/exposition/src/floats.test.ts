import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatFloat, parseFloatText } from "./floats.ts";

describe("formatFloat", () => {
  // As scraped from a Pushgateway 1.5.1.
  it.each([
    [0, "0"],
    [-0, "0"],
    [1, "1"],
    [-1, "-1"],
    [42, "42"],
    [999999, "999999"],
    [999999.5, "999999.5"],
    [1000000, "1e+06"],
    [-1000000, "-1e+06"],
    [1234567, "1.234567e+06"],
    [21000000, "2.1e+07"],
    [100000, "100000"],
    [123456.789, "123456.789"],
    [1234567.891, "1.234567891e+06"],
    [1700000000.123, "1.700000000123e+09"],
    [1e20, "1e+20"],
    [1e21, "1e+21"],
    [123456789012345680000, "1.2345678901234568e+20"],
    [1.5e300, "1.5e+300"],
    [1.7976931348623157e308, "1.7976931348623157e+308"],
    [5e-324, "5e-324"],
    [2.2250738585072014e-308, "2.2250738585072014e-308"],
    [0.1, "0.1"],
    [0.3, "0.3"],
    [0.30000000000000004, "0.30000000000000004"],
    [0.0001, "0.0001"],
    [-0.0001, "-0.0001"],
    [0.00012345, "0.00012345"],
    [0.00001, "1e-05"],
    [0.000099999, "9.9999e-05"],
    [1e-7, "1e-07"],
    [1e-10, "1e-10"],
    [9007199254740991, "9.007199254740991e+15"],
    [2 ** 53, "9.007199254740992e+15"],
    [0.005, "0.005"],
    [172.8, "172.8"],
    [Math.PI, "3.141592653589793"],
    [1e22, "1e+22"],
    [1e23, "1e+23"],
    [Number.NaN, "NaN"],
    [Infinity, "+Inf"],
    [-Infinity, "-Inf"],
  ])("writes %d as %s", (value, text) => {
    expect(formatFloat(value)).toBe(text);
  });

  it("reads back as the same number, in the shape that Go gives it", () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        const text = formatFloat(value);
        expect(parseFloatText(text)).toBe(value === 0 ? 0 : value);
        expect(text).toMatch(/^(?:NaN|[+-]Inf|-?(?:0|[1-9]\d{0,5})(?:\.\d+)?|-?\d(?:\.\d+)?e[+-]\d{2,3})$/);
      }),
    );
  });
});

describe("parseFloatText", () => {
  it.each([
    ["0", 0],
    ["-0", -0],
    ["+1", 1],
    ["1.", 1],
    [".5", 0.5],
    ["-.5e1", -5],
    ["1E+05", 100000],
    ["007", 7],
    ["1e-400", 0],
    ["1.7976931348623157e308", Number.MAX_VALUE],
    ["inf", Infinity],
    ["+INF", Infinity],
    ["-Infinity", -Infinity],
    ["iNfInItY", Infinity],
    ["NaN", Number.NaN],
    ["nan", Number.NaN],
  ])("reads %j", (text, value) => {
    expect(parseFloatText(text)).toBe(value);
  });

  it.each([
    "",
    " ",
    "1 ",
    " 1",
    "+",
    ".",
    "e5",
    "1e",
    "1e+",
    "1.5.2",
    "1,5",
    "--1",
    "1_0",
    "0x10",
    "0x1p4",
    "0b1",
    "0o7",
    "1e309",
    "-1e309",
    "+nan",
    "-NaN",
    "infinit",
    "in",
    "1n",
    "\u0661",
  ])("refuses %j", (text) => {
    expect(parseFloatText(text)).toBeUndefined();
  });
});
