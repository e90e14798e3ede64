import { type ConformanceCase, post } from "../case.ts";

const VALUES = [
  "0", "-0", "+1", "1.0", "1.", ".5", "01", "1e3", "1E3", "1e+06", "999999", "1000000", "1234567", "0.0001",
  "0.00001", "1e20", "1e21", "21000000", "-1000000", "5e-324", "1.7976931348623157e308", "4.9e-325", "1e-400",
  "3.141592653589793", "0.1", "123456789.123", "2.5e-7", "9007199254740993", "18446744073709551615",
  "NaN", "nan", "NAN", "+NaN", "-NaN", "Inf", "+Inf", "-Inf", "inf", "INF", "infinity", "+Infinity", "-infinity", "Infinit",
  "1e309", "-1e309", "1e500", "0x1", "0x1p4", "0X1P-2", "1_000", "1_0.0", "0b1", "0o7", "1e", "e5", "1.5.5", "--1", "+-1", "1,5",
  "١", "true", "null", "1f", "1d", "1L", "0x", "+", "-", ".", "1e+", "∞",
] as const;

const BOUNDS = ["1", "1.0", "1e6", "1000000", "+Inf", "Inf", "0.1", "-0", "NaN", "1e-5", "x", ""] as const;

export const floatCases: readonly ConformanceCase[] = [
  ...VALUES.map((value) => ({ name: `the value ${value}`, steps: [post("/job/a", `m ${value}\n`)] })),
  ...BOUNDS.map((bound) => ({
    name: `the bucket bound ${JSON.stringify(bound)}`,
    steps: [post("/job/a", `# TYPE h histogram\nh_bucket{le="${bound}"} 3\nh_sum 4.5\nh_count 3\n`)],
  })),
  ...BOUNDS.map((quantile) => ({
    name: `the quantile ${JSON.stringify(quantile)}`,
    steps: [post("/job/a", `# TYPE s summary\ns{quantile="${quantile}"} 3\ns_sum 4.5\ns_count 3\n`)],
  })),
  ...["1000000", "1e6", "2.5", "-1", "NaN", "+Inf", "18446744073709551615", "1e30"].map((count) => ({
    name: `a summary's count ${count}`,
    steps: [post("/job/a", `# TYPE s summary\ns_sum 1\ns_count ${count}\n`)],
  })),
  ...["1000000", "123456789", "0", "9007199254740993"].map((count) => ({
    name: `a histogram's count ${count}`,
    steps: [post("/job/a", `# TYPE h histogram\nh_bucket{le="1"} ${count}\nh_sum 1\nh_count ${count}\n`)],
  })),
];
