import { useEffect, useEffectEvent, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { type Counter, describeRates, type RateSeries } from "./rates.ts";

export interface RateLine {
  readonly name: string;
  readonly counter: Counter;
  /** A CSS variable. */
  readonly colour: string;
}

const HEIGHT = 150;

/** Lines over the last half hour. The words beneath say what they show, for those who do not see them. */
export function RateChart({
  title,
  lines,
  series,
  format,
}: {
  readonly title: string;
  readonly lines: readonly RateLine[];
  readonly series: RateSeries;
  readonly format: (rate: number) => string;
}) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const data = (): uPlot.AlignedData => [
    [...series.times],
    ...lines.map(({ counter }) => [...series.perSecond[counter]]),
  ];

  const draw = useEffectEvent((parent: HTMLElement) => {
    const width = Math.max(1, parent.clientWidth);
    return new uPlot(options(lines, { width, format, colour: coloursOf(parent) }), data(), parent);
  });
  useEffect(() => {
    const parent = place.current;
    if (parent === null) return;
    const chart = draw(parent);
    plot.current = chart;
    const observer = new ResizeObserver(() =>
      chart.setSize({ width: Math.max(1, parent.clientWidth), height: HEIGHT }),
    );
    observer.observe(parent);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, []);

  const update = useEffectEvent(() => plot.current?.setData(data()));
  // biome-ignore lint/correctness/useExhaustiveDependencies: other numbers have come.
  useEffect(() => update(), [series]);

  return (
    <figure className="card rate-chart">
      <h2>{title}</h2>
      <div ref={place} aria-hidden="true" />
      <figcaption>
        {lines.map(({ name, counter, colour }) => (
          <span key={counter} className="chart-key">
            <span className="chart-mark" style={{ background: `var(${colour})` }} aria-hidden="true" />
            {name}: {describeRates(series.perSecond[counter], format)}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

interface Look {
  readonly width: number;
  readonly format: (rate: number) => string;
  /** The value of a CSS variable. */
  readonly colour: (variable: string) => string;
}

function options(lines: readonly RateLine[], { width, format, colour }: Look): uPlot.Options {
  const axis = {
    stroke: colour("--text-dimmed"),
    font: "11px system-ui",
    grid: { stroke: colour("--chart-grid"), width: 1 },
    ticks: { stroke: colour("--chart-grid"), width: 1 },
  };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 20, 0, 0],
    scales: { y: { range: (_, __, max) => [0, Math.max(max * 1.1, 0.1)] } },
    axes: [
      { ...axis, size: 28, space: 60, values: (_, times) => times.map(timeOfDay) },
      { ...axis, size: 52, values: (_, rates) => rates.map(format) },
    ],
    series: [
      {},
      ...lines.map((line, index) => ({
        label: line.name,
        stroke: colour(line.colour),
        width: 1.5,
        points: { show: false },
        ...(lines.length === 1 && index === 0 ? { fill: `${colour(line.colour)}22` } : {}),
      })),
    ],
  };
}

function timeOfDay(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString(undefined, {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
}

function coloursOf(element: Element): (variable: string) => string {
  const style = getComputedStyle(element);
  return (variable) => style.getPropertyValue(variable).trim();
}
