import type { HistogramData, NativeHistogram, Span } from "@pushfleet/exposition";

/** Of the exponential schemas (prometheus, model/histogram: IsExponentialSchema). */
const [coarsest, finest] = [-4, 8];

/**
 * What is wrong with the native part of a histogram, undefined when nothing is. Prometheus gives up the whole scrape for one
 * that does not pass (model/histogram, Histogram.Validate and FloatHistogram.Validate); these are its checks.
 */
export function nativeFault(data: HistogramData): string | undefined {
  const { native } = data;
  if (native === undefined) return undefined;
  if (!(native.schema >= coarsest && native.schema <= finest))
    return `schema ${native.schema} is not one of ${coarsest} to ${finest}`;
  const [negative, positive] = [bucketsOf(native, "negative"), bucketsOf(native, "positive")];
  return (
    spansFault("negative", native.negativeSpans, negative) ??
    spansFault("positive", native.positiveSpans, positive) ??
    countsFault(data, native, [...negative, ...positive])
  );
}

/** Counts of the buckets, no matter how they are told. */
function bucketsOf(native: NativeHistogram, side: "negative" | "positive"): readonly number[] {
  if (native.isFloat) return native[`${side}Counts`];
  let count = 0;
  return native[`${side}Deltas`].map((delta) => {
    count += delta;
    return count;
  });
}

function spansFault(side: string, spans: readonly Span[], buckets: readonly number[]): string | undefined {
  let spanned = 0;
  for (const [i, { offset, length }] of spans.entries()) {
    if (i > 0 && offset < 0) return `${side} span number ${i + 1} has the offset ${offset}`;
    spanned += length;
  }
  if (spanned === buckets.length) return undefined;
  return `${side} spans are for ${spanned} buckets, but there are ${buckets.length}`;
}

function countsFault(
  { count, sum }: HistogramData,
  { isFloat, zeroCount }: NativeHistogram,
  buckets: readonly number[],
): string | undefined {
  const negative = [...buckets, zeroCount, count].find((each) => each < 0);
  if (negative !== undefined) return `${negative} observations in a bucket`;
  if (isFloat) return undefined;
  const inBuckets = buckets.reduce((all, each) => all + each, zeroCount);
  // Beyond it numbers are rounded here, and may differ by that.
  if (!Number.isSafeInteger(count) || !Number.isSafeInteger(inBuckets)) return undefined;
  // What is not a number is observed, but in no bucket.
  if (Number.isNaN(sum) ? inBuckets <= count : inBuckets === count) return undefined;
  return `${inBuckets} observations in the buckets, but ${count} in all`;
}
