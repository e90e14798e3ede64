import { ExpositionError, type Family, familyHeader, metricText, parseText } from "@pushfleet/exposition";
import type { FamilyText } from "../spool/spooled-push.ts";

/** How many lines may be wrong until all are left alone. */
const mostBadLines = 20;

type Warn = (message: string) => void;

/** The families of a text; lines that cannot be read are told and left out, so that one does not take the others along. */
export function familiesOf(
  text: string,
  { source, warn }: { readonly source: string; readonly warn: Warn },
): readonly FamilyText[] {
  const lines = text.split("\n");
  for (let bad = 0; bad <= mostBadLines; bad++) {
    try {
      return parseText(Buffer.from(`${lines.join("\n")}\n`), { names: "utf8" }).map(familyText);
    } catch (error) {
      if (!(error instanceof ExpositionError) || error.line === undefined) throw error;
      warn(`${source}: ${error.message}; the line is left out`);
      lines[error.line - 1] = "";
    }
  }
  warn(`${source}: no metrics are taken from it, because too many lines are wrong`);
  return [];
}

function familyText(family: Family): FamilyText {
  const samples = family.metrics.map(({ labels, data, timestampMs }) => {
    const text = metricText(family.name, labels, data);
    // A gateway refuses timestamps, and is to say so itself.
    return timestampMs === undefined ? text : text.replaceAll("\n", ` ${timestampMs}\n`);
  });
  return { name: family.name, text: familyHeader(family) + samples.join("") };
}
