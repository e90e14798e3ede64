import { readFile, stat } from "node:fs/promises";
import { ExpositionError, type Family, familyHeader, metricText, parseText } from "@pushfleet/exposition";
import type { FamilyText } from "../spool/spooled-push.ts";

/** How many lines may be wrong until all are left alone. */
const mostBadLines = 20;
const mostFileBytes = 32 * 1024 * 1024;

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

/** What the command wrote into the file; undefined, and told, when it did not write it: an older one tells of an earlier run. */
export async function readMetricsFile(
  path: string,
  { sinceMs, warn }: { readonly sinceMs: number; readonly warn: Warn },
): Promise<string | undefined> {
  try {
    const { mtimeMs, size } = await stat(path);
    if (mtimeMs < sinceMs - clockSlackMs) {
      warn(`--metrics-file: the command did not write ${path}; no metrics are taken from it`);
      return undefined;
    }
    if (size > mostFileBytes) throw new Error(`${path} is too large`);
    return await readFile(path, "utf8");
  } catch (error) {
    warn(`--metrics-file: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** Files get their time by a clock that ticks more coarsely. */
const clockSlackMs = 50;
