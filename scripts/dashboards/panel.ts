/** What a panel shows, in the words of this project; dashboard.ts makes Grafana's JSON of it. */
export interface Panel {
  readonly title: string;
  /** Shown by the small "i" in the corner: what to read from it. */
  readonly description: string;
  readonly kind: "bargauge" | "stat" | "table" | "timeseries";
  /** Grafana's name of a unit, e.g. `s`, `bytes`, `percentunit`, `reqps`. */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** From which value on it is shown in which colour, the lowest first; absent = always neutral. */
  readonly thresholds?: readonly Threshold[];
  /** Absent = Grafana chooses. */
  readonly max?: number;
  /** Tables only: the columns to show, by label (`Value` is the value of the first query), under their titles, in this order. */
  readonly columns?: Readonly<Record<string, string>>;
}

export interface Query {
  readonly expr: string;
  /** Name of each series, with `{{label}}`. */
  readonly legend: string;
}

export interface Threshold {
  /** null = from the beginning. */
  readonly from: number | null;
  readonly color: "green" | "red" | "yellow";
}

/** A value that should not be zero, or nobody would notice. */
export const redIfAny: readonly Threshold[] = [
  { from: null, color: "green" },
  { from: 1, color: "red" },
];

/** A share of a limit: warned of as early as the alerts do. */
export const redIfNearlyFull: readonly Threshold[] = [
  { from: null, color: "green" },
  { from: 0.8, color: "yellow" },
  { from: 0.9, color: "red" },
];

export function query(expr: string, legend = ""): Query {
  return { expr, legend };
}
