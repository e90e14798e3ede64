import type { Tally } from "./campaign.ts";

/** A line for each target and one for all of them. */
export function tallyTable(tallies: readonly Tally[]): string {
  const head = ["target", "inputs", "accepted", "refused", "reasons", "a second", "ms a 100 kB", "found"];
  const all = tallies.reduce((sum, tally) => ({
    target: "all",
    inputs: sum.inputs + tally.inputs,
    accepted: sum.accepted + tally.accepted,
    refused: sum.refused + tally.refused,
    reasons: sum.reasons + tally.reasons,
    slowestMs: Math.max(sum.slowestMs, tally.slowestMs),
    elapsedMs: sum.elapsedMs + tally.elapsedMs,
    findings: [...sum.findings, ...tally.findings],
  }));
  const rows = [...tallies, all].map((tally) => [
    tally.target,
    ...[
      tally.inputs,
      tally.accepted,
      tally.refused,
      tally.reasons,
      Math.round((tally.inputs * 1000) / tally.elapsedMs),
      Math.ceil(tally.slowestMs),
      tally.findings.length,
    ].map((figure) => figure.toLocaleString("en")),
  ]);
  return aligned([head, ...rows]);
}

/** The first column to the left, all others to the right. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join("  "),
    )
    .join("\n");
}
