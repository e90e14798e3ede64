import { formatFloat, type NativeHistogram, type Span } from "@pushfleet/exposition";

/** How a bucket's ends belong to it, in the numbers of the Prometheus HTTP API. */
const boundaries = { upperInclusive: 0, lowerInclusive: 1, bothInclusive: 3 } as const;

type ApiBucket = readonly [boundaries: number, lower: string, upper: string, count: string];

/**
 * The non-empty buckets of a native histogram from the lowest to the highest value, as Prometheus' HTTP API writes them:
 * `[boundaries, lower, upper, count]`.
 */
export function nativeBuckets(histogram: NativeHistogram): ApiBucket[] {
  const { schema } = histogram;
  const negative = side(
    histogram,
    histogram.negativeSpans,
    histogram.negativeDeltas,
    histogram.negativeCounts,
  ).map(
    ({ index, count }): ApiBucket => [
      boundaries.lowerInclusive,
      formatFloat(-upperBound(index, schema)),
      formatFloat(-upperBound(index - 1, schema)),
      formatFloat(count),
    ],
  );
  const positive = side(
    histogram,
    histogram.positiveSpans,
    histogram.positiveDeltas,
    histogram.positiveCounts,
  ).map(
    ({ index, count }): ApiBucket => [
      boundaries.upperInclusive,
      formatFloat(upperBound(index - 1, schema)),
      formatFloat(upperBound(index, schema)),
      formatFloat(count),
    ],
  );
  return [...negative.reverse(), ...zeroBucket(histogram), ...positive];
}

function zeroBucket({ zeroCount, zeroThreshold }: NativeHistogram): ApiBucket[] {
  if (zeroCount === 0) return [];
  return [
    [
      boundaries.bothInclusive,
      formatFloat(-zeroThreshold),
      formatFloat(zeroThreshold),
      formatFloat(zeroCount),
    ],
  ];
}

/** The buckets of one side with their indexes; integer histograms give each count as the difference to the one before. */
function side(
  { isFloat }: NativeHistogram,
  spans: readonly Span[],
  deltas: readonly number[],
  counts: readonly number[],
): { index: number; count: number }[] {
  const buckets: { index: number; count: number }[] = [];
  let index = 0;
  let position = 0;
  let count = 0;
  for (const span of spans) {
    index += span.offset;
    for (let i = 0; i < span.length; i++, index++, position++) {
      count = isFloat ? (counts[position] ?? 0) : count + (deltas[position] ?? 0);
      if (count !== 0) buckets.push({ index, count });
    }
  }
  return buckets;
}

/**
 * The inclusive upper end of bucket `index`: 2^(index · 2^-schema), to the last bit as client_golang's getLe has it. The
 * last bucket with a finite end ends at the largest float instead of 2^1024.
 */
function upperBound(index: number, schema: number): number {
  if (schema < 0) return powerOfTwo(index * 2 ** -schema);
  const perDoubling = 2 ** schema;
  const doublings = Math.floor(index / perDoubling);
  const fraction = boundsOfOneDoubling(schema)[index - doublings * perDoubling] ?? 0;
  return fraction === 1 ? powerOfTwo(doublings) : fraction * 2 ** doublings;
}

function powerOfTwo(exponent: number): number {
  return exponent === 1024 ? Number.MAX_VALUE : 2 ** exponent;
}

/**
 * The bucket ends in [1, 2). Each schema takes over the ends of the one below and multiplies in between, because that is
 * how client_golang's table came about: computing each as a power of its own differs in the last bit.
 */
function boundsOfOneDoubling(schema: number): number[] {
  if (schema === 0) return [1];
  const factor = Math.exp(Math.LN2 * 2 ** -schema);
  return boundsOfOneDoubling(schema - 1).flatMap((bound) => [bound, bound * factor]);
}
