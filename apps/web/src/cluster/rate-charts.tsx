import { useComputedColorScheme } from "@mantine/core";
import { formatRate } from "../format/quantity.ts";
import { RateChart, type RateLine } from "./rate-chart.tsx";
import type { Counter, RateSeries } from "./rates.ts";

const charts: readonly { readonly title: string; readonly lines: readonly RateLine[] }[] = [
  { title: "Pushes and deletions", lines: [line("taken", "pushes", "--chart-1")] },
  {
    title: "Pushes that were not taken",
    lines: [line("refused (4xx)", "refused", "--chart-2"), line("failed (5xx)", "failed", "--chart-3")],
  },
  { title: "Scrapes", lines: [line("scrapes", "scrapes", "--chart-1")] },
];

// biome-ignore lint/style/noDefaultExport: React.lazy takes a module's default export.
export default function RateCharts({ series }: { readonly series: RateSeries }) {
  const scheme = useComputedColorScheme();
  return charts.map(({ title, lines }) => (
    // A chart takes its colours when it is made: each scheme has one of its own.
    <RateChart key={`${title} ${scheme}`} title={title} lines={lines} series={series} format={formatRate} />
  ));
}

function line(name: string, counter: Counter, colour: string): RateLine {
  return { name, counter, colour };
}
