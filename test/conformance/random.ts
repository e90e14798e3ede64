import { del, post, put, type Step } from "./case.ts";

/** A source of reproducible chance: the same seed gives the same numbers (mulberry32). */
export interface Chance {
  /** True with this probability. */
  flip(probability: number): boolean;
  pick<T>(from: readonly [T, ...T[]]): T;
  /** From low to high, both included. */
  int(low: number, high: number): number;
}

export function createChance(seed: number): Chance {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    flip: (probability) => next() < probability,
    pick: (from) => from[int(0, from.length - 1)] ?? from[0],
    int,
  };
}

/** Few enough that they often meet; the labels of some are the body labels of others. */
const GROUPS = [
  "/job/a",
  "/job/a/instance/i",
  "/job/a/x/1",
  "/job/a/x/2",
  "/job/a/x/1/y/1",
  "/job/a/y/1",
  "/job/b",
  "/job/b/x/1",
  "/job@base64/YQ/x@base64/MQ",
] as const;
const BROKEN_GROUPS = [
  "/job/a/x",
  "/job/a/x-y/1",
  "/job/a/__x/1",
  "/job/a/x@base64/!",
  "/job@base64/=",
] as const;
/** The same groups to us, so that the reference breaks sooner or later. */
const GHOST_GROUPS = [
  "/job/a",
  "/job/a/instance/",
  "/job/a/instance@base64/=",
  "/job/b",
  "/job/b/x/1",
] as const;

const NAMES = ["x", "x", "x_count", "x_sum", "x_bucket", "x_total", "m", "m", "n", "n"] as const;
const USUAL_TYPE = new Map<string, string>([
  ["x", "histogram"],
  ["m", "untyped"],
  ["n", "summary"],
  ["x_total", "counter"],
]);
const TYPES = ["gauge", "gauge", "counter", "untyped", "summary", "histogram"] as const;
const LABELS = [
  "",
  "",
  'x="1"',
  'x="2"',
  'x="3"',
  'y="1"',
  'x="1",y="1"',
  'y="1",x="2"',
  'instance="i"',
  'job="z"',
  'z="q\\"\\\\\\n"',
] as const;
const VALUES = [
  "0",
  "1",
  "-1",
  "2.5",
  "1e6",
  "1e-7",
  "NaN",
  "+Inf",
  "-Inf",
  "123456789",
  "0.1",
  "-0",
] as const;
/** Of what may be read as part of a histogram `x`, where upstream's versions treat other values differently. */
const COUNTS = ["0", "1", "1e6", "123456789", "-0"] as const;
const BROKEN_BODIES = [
  "junk\n",
  "m 1",
  "m 1\r\n",
  'm{x="1" 1\n',
  "m 1 1000\n",
  "m 0x10\n",
  "# TYPE m blob\nm 1\n",
  "m 1\n# TYPE m gauge\n",
  'm{x="1",x="2"} 1\n',
  "m 1\nm 2\n",
  'm{x="\\q"} 1\n',
] as const;

/** One to five pushes and deletes that are likely to meet each other. */
export function randomSequence(chance: Chance): Step[] {
  // The reference keeps groups apart whose empty labels are all that differs, so deletes would not agree there.
  const ghosts = chance.flip(0.05);
  const groups = ghosts ? GHOST_GROUPS : GROUPS;
  return Array.from({ length: chance.int(1, 5) }, () => {
    const path = chance.flip(0.04) ? chance.pick(BROKEN_GROUPS) : chance.pick(groups);
    if (!ghosts && chance.flip(0.12)) return del(path);
    return (chance.flip(0.5) ? put : post)(path, randomBody(chance));
  });
}

function randomBody(chance: Chance): string {
  if (chance.flip(0.1)) return chance.pick(BROKEN_BODIES);
  if (chance.flip(0.05)) return "";
  const families = new Map<string, string>();
  for (let count = chance.int(1, 3); count > 0; count--) {
    const name = chance.pick(NAMES);
    families.set(name, randomFamily(chance, name));
  }
  return [...families.values()].join("");
}

function randomFamily(chance: Chance, name: string): string {
  // The reference chooses one of several helps by chance, so a name always has the same help.
  const help = name === "m" || name === "x" ? `# HELP ${name} The help of ${name}.\n` : "";
  // Mostly the same type each time, so that pushes get past this check to the others.
  const type = chance.flip(0.85) ? (USUAL_TYPE.get(name) ?? "gauge") : chance.pick(TYPES);
  const header = type === "untyped" ? help : `${help}# TYPE ${name} ${type}\n`;
  const metrics = new Map<string, string>();
  for (let count = chance.pick([1, 1, 1, 2, 3]); count > 0; count--) {
    const labels = chance.pick(LABELS);
    const metric = randomMetric(chance, { name, type, labels });
    // A series twice is refused by everyone; buckets and quantiles twice are a difference of their own.
    const isSimple = type !== "summary" && type !== "histogram";
    const key = isSimple && chance.flip(0.05) ? `${labels} again` : labels;
    metrics.set(key, metric);
  }
  return header + [...metrics.values()].join("");
}

function randomMetric(
  chance: Chance,
  { name, type, labels }: { name: string; type: string; labels: string },
): string {
  const braces = (more = "") => {
    const all = [labels, more].filter((part) => part !== "").join(",");
    return all === "" ? "" : `{${all}}`;
  };
  const value = chance.pick(/_(count|bucket)$/.test(name) ? COUNTS : VALUES);
  const count = chance.int(0, 2e6);
  if (type === "summary") {
    const quantile = chance.flip(0.5) ? `${name}${braces('quantile="0.5"')} ${value}\n` : "";
    return `${quantile}${name}_sum${braces()} ${value}\n${name}_count${braces()} ${count}\n`;
  }
  if (type === "histogram") {
    const bucket = chance.flip(0.7) ? `${name}_bucket${braces('le="0.5"')} ${Math.floor(count / 2)}\n` : "";
    const infinite = chance.flip(0.5) ? `${name}_bucket${braces('le="+Inf"')} ${count}\n` : "";
    return `${bucket}${infinite}${name}_sum${braces()} ${value}\n${name}_count${braces()} ${count}\n`;
  }
  return `${name}${braces()} ${value}\n`;
}
