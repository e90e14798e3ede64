import { Button } from "@mantine/core";
import { useState } from "react";
import type { Family } from "../api/types.ts";
import { Age } from "../clock/age.tsx";
import { counted, formatCount } from "../format/quantity.ts";
import { MetricTable } from "./metric-views.tsx";

/** Metrics shown at first, and by each press for more: what a browser draws without a pause. */
const rowsAtOnce = { simple: { first: 200, more: 1_000 }, drawn: { first: 20, more: 100 } };

/** A family with its metrics. */
export function FamilyCard({ family }: { readonly family: Family }) {
  const { name, type, help, time_stamp, metrics, region, hidden } = family;
  const isDrawn = type === "HISTOGRAM" || type === "GAUGE_HISTOGRAM" || type === "SUMMARY";
  const { first, more } = isDrawn ? rowsAtOnce.drawn : rowsAtOnce.simple;
  const [limit, setLimit] = useState(first);
  const notShown = metrics.length - limit;
  return (
    <section className="card family-card" aria-label={name}>
      <div className="family-head">
        <h3>{name}</h3>
        <span className="pill family-type">{type.toLowerCase().replace("_", " ")}</span>
        <span className="dimmed family-facts">
          {counted(metrics.length, "metric")}, pushed <Age time={time_stamp} />
          {region === undefined ? null : ` in ${region}`}
        </span>
        {hidden === undefined ? null : (
          <span className="pill" data-tone="warn" title={hidden.because}>
            {hidden.whole ? "hidden" : "partly hidden"}
          </span>
        )}
      </div>
      {hidden === undefined ? null : <p className="family-help">{hidden.because}</p>}
      {help === undefined ? null : <p className="family-help dimmed">{help}</p>}
      <MetricTable family={family} metrics={metrics.slice(0, limit)} />
      {notShown <= 0 ? null : (
        <Button
          className="more-button"
          size="compact-sm"
          variant="default"
          onClick={() => setLimit(limit + more)}
        >
          {notShown <= more ? "Show all" : `Show ${formatCount(more)} more`} of {formatCount(metrics.length)}
        </Button>
      )}
    </section>
  );
}
