import type { ClassicBuckets, Metric, NativeBucket } from "../api/types.ts";

/** A bucket by itself: bounds as the API writes them, and what fell into it alone. */
export interface Bucket {
  readonly lower: string;
  readonly upper: string;
  /** `(` or `[`, and `)` or `]`: whether the bounds belong to it. */
  readonly brackets: readonly [open: string, close: string];
  readonly count: number;
}

/** A bucket's place in a drawing of 1 × 1: from the left, and up from the bottom. */
export interface Bar {
  readonly x: number;
  readonly width: number;
  readonly height: number;
}

/** Any bucket of a histogram, classic or native, from the lowest to the highest. None for other metrics. */
export function bucketsOf({ buckets }: Pick<Metric, "buckets">): readonly Bucket[] {
  if (buckets === undefined) return [];
  return isNative(buckets) ? buckets.map(nativeBucket) : classicBuckets(buckets);
}

function isNative(buckets: NonNullable<Metric["buckets"]>): buckets is readonly NativeBucket[] {
  return Array.isArray(buckets);
}

const brackets: readonly Bucket["brackets"][] = [
  ["(", "]"],
  ["[", ")"],
  ["(", ")"],
  ["[", "]"],
];

function nativeBucket([boundaries, lower, upper, count]: NativeBucket): Bucket {
  return { lower, upper, brackets: brackets[boundaries] ?? ["(", "]"], count: number(count) };
}

function classicBuckets(cumulative: ClassicBuckets): readonly Bucket[] {
  const sorted = Object.entries(cumulative).sort(([a], [b]) => number(a) - number(b));
  return sorted.map(([upper, count], index) => {
    const below = sorted[index - 1];
    return {
      lower: below?.[0] ?? "-Inf",
      upper,
      brackets: ["(", "]"],
      count: Math.max(0, number(count) - (below === undefined ? 0 : number(below[1]))),
    };
  });
}

/**
 * Where to draw the buckets. Those of a native histogram lie as far apart as the logarithms of their bounds, so that gaps
 * show; all others, of which users choose the bounds and the outer ones have no end, are equally wide.
 */
export function barsOf(buckets: readonly Bucket[]): readonly Bar[] {
  const most = Math.max(...buckets.map(({ count }) => count), 0);
  const places = logarithmicPlaces(buckets) ?? equalPlaces(buckets.length);
  return buckets.map(({ count }, index) => ({
    ...(places[index] ?? { x: 0, width: 0 }),
    height: most === 0 ? 0 : count / most,
  }));
}

interface Place {
  readonly x: number;
  readonly width: number;
}

function equalPlaces(count: number): readonly Place[] {
  return Array.from({ length: count }, (_, index) => ({ x: index / count, width: 1 / count }));
}

/** Undefined unless the buckets are those of an exponential histogram: finite, and none but the zero bucket around 0. */
function logarithmicPlaces(buckets: readonly Bucket[]): readonly Place[] | undefined {
  const bounds = buckets.map(({ lower, upper }) => ({ lower: number(lower), upper: number(upper) }));
  const sided = bounds.filter(({ lower, upper }) => lower * upper > 0);
  const [first] = sided;
  const hasOtherThanZero = bounds.every(({ lower, upper }) => lower * upper > 0 || -lower === upper);
  const areFinite = bounds.every(({ lower, upper }) => Number.isFinite(lower) && Number.isFinite(upper));
  if (first === undefined || !areFinite || !hasOtherThanZero) return undefined;

  // The zero bucket, which has no logarithm, is as wide as any other.
  const unit = Math.abs(Math.log(first.upper / first.lower));
  const smallest = Math.min(...sided.map(({ lower, upper }) => Math.min(Math.abs(lower), Math.abs(upper))));
  const hasNegative = sided.some(({ lower }) => lower < 0);
  const hasMiddle = hasNegative || sided.length < bounds.length;
  const half = hasMiddle ? unit / 2 : 0;
  const position = (value: number) => Math.sign(value) * (Math.log(Math.abs(value) / smallest) + half);
  const edges = bounds.map(({ lower, upper }) =>
    lower * upper > 0 ? { from: position(lower), to: position(upper) } : { from: -half, to: half },
  );
  const start = Math.min(...edges.map(({ from }) => from));
  const length = Math.max(...edges.map(({ to }) => to)) - start;
  return edges.map(({ from, to }) => ({ x: (from - start) / length, width: (to - from) / length }));
}

/** `120 observations in 11 buckets, most of them in (0.1, 0.25]`: what the drawing shows, in words. */
export function describeHistogram(buckets: readonly Bucket[]): string {
  const [first] = buckets;
  if (first === undefined) return "No buckets";
  const total = buckets.reduce((sum, { count }) => sum + count, 0);
  const fullest = buckets.reduce((fuller, bucket) => (bucket.count > fuller.count ? bucket : fuller), first);
  const summary = `${total} observations in ${buckets.length} buckets`;
  return total === 0 ? summary : `${summary}, the most in ${rangeOf(fullest)}`;
}

/** `(0.1, 0.25]` */
export function rangeOf({ lower, upper, brackets: [open, close] }: Bucket): string {
  return `${lower === "-Inf" ? "(" : open}${lower}, ${upper}${upper === "+Inf" ? ")" : close}`;
}

/** Of the API's text. */
function number(text: string): number {
  if (text === "+Inf") return Number.POSITIVE_INFINITY;
  if (text === "-Inf") return Number.NEGATIVE_INFINITY;
  return Number(text);
}
