/** What a section finds: rows of the table against their targets, and the details behind them. */

export interface Comparison {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly theirs: number;
  readonly ratio: number;
  /** Absent when the row is for information only. */
  readonly target?: Target;
}

export type Target = { readonly atLeast: number } | { readonly atMost: number };

export interface Detail {
  readonly what: string;
  readonly contender: string;
  readonly groups: number;
  /** By name with unit, e.g. `p99 ms`. */
  readonly figures: Readonly<Record<string, number>>;
}

export interface SectionReport {
  readonly comparisons: readonly Comparison[];
  readonly details: readonly Detail[];
}

export function isMet({ ratio, target }: Comparison): boolean {
  if (target === undefined) return true;
  return "atLeast" in target ? ratio >= target.atLeast : ratio <= target.atMost;
}

/** A row for a figure that has a limit instead of another server beside it. */
export function withinLimit({
  name,
  unit,
  value,
  limit,
}: Pick<Comparison, "name" | "unit"> & { readonly value: number; readonly limit: number }): Comparison {
  return {
    name: `${name} / ${limit.toLocaleString("en")} ${unit}`,
    unit,
    ours: value,
    theirs: limit,
    ratio: value / limit,
    target: { atMost: 1 },
  };
}

export function joinReports(reports: readonly SectionReport[]): SectionReport {
  return {
    comparisons: reports.flatMap(({ comparisons }) => comparisons),
    details: reports.flatMap(({ details }) => details),
  };
}
