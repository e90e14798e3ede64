import { type Comparison, type Detail, isMet, type Target } from "./report.ts";

/** The comparisons as an aligned table; a missed target says so in the last column. */
export function comparisonTable(comparisons: readonly Comparison[]): string {
  const rows = comparisons.map((row) => [
    row.name,
    `${figure(row.ours)} ${row.unit}`,
    `${figure(row.theirs)} ${row.unit}`,
    `${figure(row.ratio)}×`,
    row.target === undefined ? "" : targetText(row.target),
    isMet(row) ? "" : "below the target",
  ]);
  return align([["comparison", "ours", "theirs", "ratio", "target", ""], ...rows]);
}

/** One table for each run of details that have the same figures. */
export function detailTables(details: readonly Detail[]): string {
  const byFigures = Map.groupBy(details, ({ figures }) => Object.keys(figures).join());
  const tables = [...byFigures.values()].map((rows) => {
    const names = Object.keys(rows[0]?.figures ?? {});
    const lines = rows.map(({ what, contender, groups, figures }) => [
      what,
      contender,
      groups.toLocaleString("en"),
      ...names.map((name) => figure(figures[name] ?? Number.NaN)),
    ]);
    return align([["", "server", "groups", ...names], ...lines]);
  });
  return tables.join("\n\n");
}

function targetText(target: Target): string {
  return "atLeast" in target ? `≥ ${target.atLeast.toLocaleString("en")}×` : `≤ ${target.atMost}×`;
}

/** Three significant digits, no exponent. */
function figure(value: number): string {
  const decimals = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** First column to the left, the others to the right, a rule under the head. */
function align(rows: readonly (readonly string[])[]): string {
  const [head = []] = rows;
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
  const rule = widths.map((width) => "─".repeat(width)).join("  ");
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}
