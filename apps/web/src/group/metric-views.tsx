import type { Family, Metric } from "../api/types.ts";
import { formatCount } from "../format/quantity.ts";
import { LabelBadge } from "../groups/group-labels.tsx";
import { bucketsOf, rangeOf } from "./histogram.ts";
import { HistogramChart } from "./histogram-chart.tsx";

/** The metrics of a family, as its type has them. */
export function MetricTable({
  family,
  metrics,
}: {
  readonly family: Family;
  readonly metrics: readonly Metric[];
}) {
  switch (family.type) {
    case "GAUGE":
    case "COUNTER":
    case "UNTYPED":
      return <SimpleTable name={family.name} metrics={metrics} />;
    case "SUMMARY":
      return <SummaryTable name={family.name} metrics={metrics} />;
    case "HISTOGRAM":
    case "GAUGE_HISTOGRAM":
      return (
        <ul className="histograms">
          {metrics.map((metric) => (
            <Histogram key={keyOf(metric)} metric={metric} />
          ))}
        </ul>
      );
    default:
      return family.type satisfies never;
  }
}

function SimpleTable({ name, metrics }: { readonly name: string; readonly metrics: readonly Metric[] }) {
  return (
    <div className="table-scroller">
      <table className="plain-table" aria-label={name}>
        <thead>
          <tr>
            <th scope="col">Labels</th>
            <th scope="col" className="numeric">
              Value
            </th>
          </tr>
        </thead>
        <tbody>
          {metrics.map((metric) => (
            <tr key={keyOf(metric)}>
              <td>
                <MetricLabels metric={metric} />
              </td>
              <td className="numeric">{metric.value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function SummaryTable({ name, metrics }: { readonly name: string; readonly metrics: readonly Metric[] }) {
  return (
    <div className="table-scroller">
      <table className="plain-table" aria-label={name}>
        <thead>
          <tr>
            <th scope="col">Labels</th>
            <th scope="col">Quantiles</th>
            <th scope="col" className="numeric">
              Count
            </th>
            <th scope="col" className="numeric">
              Sum
            </th>
          </tr>
        </thead>
        <tbody>
          {metrics.map((metric) => (
            <tr key={keyOf(metric)}>
              <td>
                <MetricLabels metric={metric} />
              </td>
              <td>
                <Quantiles metric={metric} />
              </td>
              <td className="numeric">{metric.count}</td>
              <td className="numeric">{metric.sum}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Quantiles({ metric: { quantiles = {} } }: { readonly metric: Metric }) {
  const sorted = Object.entries(quantiles).sort(([a], [b]) => Number(a) - Number(b));
  if (sorted.length === 0) return <span className="dimmed">none</span>;
  return (
    <dl className="quantiles">
      {sorted.map(([quantile, value]) => (
        <div key={quantile}>
          <dt>{quantile}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Histogram({ metric }: { readonly metric: Metric }) {
  const buckets = bucketsOf(metric);
  const mean = Number(metric.sum) / Number(metric.count);
  return (
    <li className="histogram">
      <MetricLabels metric={metric} />
      <p className="dimmed">
        count {metric.count}, sum {metric.sum}
        {Number.isFinite(mean) ? `, mean ${Number(mean.toPrecision(4))}` : ""}
      </p>
      {buckets.length === 0 ? null : (
        <>
          <HistogramChart buckets={buckets} />
          <details>
            <summary>{buckets.length} buckets</summary>
            <table className="plain-table">
              <thead>
                <tr>
                  <th scope="col">Bucket</th>
                  <th scope="col" className="numeric">
                    Observations
                  </th>
                </tr>
              </thead>
              <tbody>
                {buckets.map((bucket) => (
                  <tr key={`${bucket.lower} ${bucket.upper}`}>
                    <td>{rangeOf(bucket)}</td>
                    <td className="numeric">{formatCount(bucket.count)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </details>
        </>
      )}
    </li>
  );
}

/** The grouping labels are at the head of the page, and would be the same in each row. */
function MetricLabels({ metric: { labels } }: { readonly metric: Metric }) {
  const entries = Object.entries(labels);
  if (entries.length === 0) return <span className="dimmed">no labels of its own</span>;
  return (
    <span className="label-badges" data-wraps="true">
      {entries.map(([name, value]) => (
        <LabelBadge key={name} name={name} value={value} />
      ))}
    </span>
  );
}

function keyOf({ labels }: Metric): string {
  return JSON.stringify(labels);
}
