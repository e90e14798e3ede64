import { formatCount } from "../format/quantity.ts";
import { type Bucket, barsOf, describeHistogram, rangeOf } from "./histogram.ts";

const WIDTH = 480;
const HEIGHT = 96;

/** The buckets of a histogram as bars, with their outer bounds beneath. */
export function HistogramChart({ buckets }: { readonly buckets: readonly Bucket[] }) {
  const bars = barsOf(buckets);
  return (
    <div className="histogram-chart">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={describeHistogram(buckets)}
      >
        {buckets.map((bucket, index) => {
          const { x, width, height } = bars[index] ?? { x: 0, width: 0, height: 0 };
          // What was observed at all is never too low to be seen.
          const pixels = height === 0 ? 0 : Math.max(2, height * HEIGHT);
          const gap = Math.min(1, (width * WIDTH) / 6);
          return (
            <rect
              key={`${bucket.lower} ${bucket.upper}`}
              x={x * WIDTH + gap}
              y={HEIGHT - pixels}
              width={Math.max(0.5, width * WIDTH - 2 * gap)}
              height={pixels}
            >
              <title>{`${rangeOf(bucket)}: ${formatCount(bucket.count)}`}</title>
            </rect>
          );
        })}
      </svg>
      <div className="histogram-bounds" aria-hidden="true">
        <span>{lowestBound(buckets)}</span>
        <span>{buckets.at(-1)?.upper}</span>
      </div>
    </div>
  );
}

/** Of a classic histogram the first bound says more than that it begins at minus infinity. */
function lowestBound([first]: readonly Bucket[]): string {
  if (first === undefined) return "";
  return first.lower === "-Inf" ? `≤ ${first.upper}` : first.lower;
}
