/**
 * The record of one family in a group's hash: a header line, then text.
 *
 *     <version><type letter><metrics> <length of the unprinted part> <protobuf, base64> <help>\n
 *     <sample lines as scraped><unprinted identities, one a line>
 *
 * The version (16 digits) is put in front by the script. Lines are searched for series by the script, so nothing
 * that a client chose may look like one of them: help is escaped to stay in the header.
 */
import type { MetricType } from "@pushfleet/exposition";
import type { AdmittedFamily } from "@pushfleet/groups";
import { unprintedIdentities } from "../conflicts.ts";
import type { StoredFamily } from "../store.ts";

const letters: Record<MetricType, string> = {
  counter: "c",
  gauge: "g",
  summary: "s",
  untyped: "u",
  histogram: "h",
  gaugehistogram: "b",
};

const types = new Map<string, MetricType>();
for (const [type, letter] of Object.entries(letters)) {
  types.set(letter, type as MetricType); // the keys of a Record<MetricType, …>
}

const versionLength = 16;

export function typeLetter(type: MetricType): string {
  return letters[type];
}

export function typeOfLetter(letter: string): MetricType {
  const type = types.get(letter);
  if (type === undefined) throw new Error(`unknown family type ${JSON.stringify(letter)} in Redis`);
  return type;
}

/** A family name or help on one line, so that it cannot be taken for two. `unescapeLine` is its inverse. */
export function escapeLine(text: string): string {
  if (!text.includes("\\") && !text.includes("\n")) return text;
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

export function unescapeLine(line: string): string {
  if (!line.includes("\\")) return line;
  return line.replace(/\\(.)/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
}

/** The field of a group's hash that holds the family's record. */
export function familyField(name: string): string {
  return `f:${escapeLine(name)}`;
}

/** The family whose record the field holds; undefined for other fields of a group. */
export function familyOfField(field: string): string | undefined {
  return field.startsWith("f:") ? unescapeLine(field.slice(2)) : undefined;
}

/** The record without its version. */
export function encodeRecord(family: AdmittedFamily): string {
  const unprinted = unprintedIdentities(family)
    .map((identity) => `${identity}\n`)
    .join("");
  const proto = family.proto === undefined ? "" : asBuffer(family.proto).toString("base64");
  const header = `${letters[family.type]}${family.metrics.length} ${unprinted.length} ${proto} ${escapeLine(family.help)}`;
  return `${header}\n${family.text}${unprinted}`;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export interface DecodedRecord {
  readonly family: StoredFamily;
  readonly unprinted: readonly string[];
}

/** Reads what `encodeRecord` and the script wrote. */
export function decodeRecord(name: string, record: string): DecodedRecord {
  const metricsEnd = record.indexOf(" ");
  const lengthEnd = record.indexOf(" ", metricsEnd + 1);
  const protoEnd = record.indexOf(" ", lengthEnd + 1);
  const headerEnd = record.indexOf("\n", protoEnd + 1);
  const textEnd = record.length - Number(record.slice(metricsEnd + 1, lengthEnd));
  const family = {
    name,
    type: typeOfLetter(record.charAt(versionLength)),
    help: unescapeLine(record.slice(protoEnd + 1, headerEnd)),
    text: record.slice(headerEnd + 1, textEnd),
    metricCount: Number(record.slice(versionLength + 1, metricsEnd)),
    pushedAtMicros: Number(record.slice(0, versionLength)),
  };
  const unprinted = textEnd === record.length ? [] : record.slice(textEnd, -1).split("\n");
  if (protoEnd === lengthEnd + 1) return { family, unprinted };
  const proto = new Uint8Array(Buffer.from(record.slice(lengthEnd + 1, protoEnd), "base64"));
  return { family: { ...family, proto }, unprinted };
}
