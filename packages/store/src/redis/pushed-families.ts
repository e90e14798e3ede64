/**
 * How families stand in the hash of a group. Those of the last push are in two fields:
 *
 *     layout   <type letter><name>\n<help>\n  for each family: the same from push to push, nearly always
 *     pushed   <metrics> <bytes of text> <bytes of identities> <bytes of protobuf> <blank>  for each family, then \n,
 *              then for each family: sample lines as scraped, unprinted identities (one a line), protobuf
 *
 * What an earlier push left and a merge did not replace is in a field of its own, `f:<name>`: its version in 16 digits, then
 * `@<region>\n` if it is of another region than the store, then its part of the layout, then of what was pushed. The layout of such a group starts with `?`, and
 * so does its id; `left_series` tells how many series are in such fields. The scripts take
 * these texts apart (lua/include/families.lua), so names and help are escaped to stay on their lines.
 */
import type { MetricType } from "@pushfleet/exposition";
import type { AdmittedFamily } from "@pushfleet/groups";
import type { HeldSeries } from "../conflicts.ts";
import { type RegionId, regionId } from "../replication/version.ts";
import type { StoredFamily } from "../store.ts";
import { textOf } from "../text-span.ts";
import { rememberLayouts } from "./layout-memory.ts";

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
const leftoversMark = "?";
const lineFeed = 0x0a;
const atSign = 0x40;

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

export function encodeLayout(families: readonly AdmittedFamily[]): string {
  let layout = "";
  for (const { name, type, help } of families) {
    layout += `${letters[type]}${escapeLine(name)}\n${escapeLine(help)}\n`;
  }
  return layout;
}

/** The field `pushed`. A string unless there is protobuf or a large text in it. */
export function encodePushed(families: readonly AdmittedFamily[]): string | Buffer {
  let sizes = "";
  let lines = "";
  for (const family of families) {
    const { bytes, metrics, proto } = family;
    if (proto !== undefined || bytes !== undefined) return encodeAsBytes(families);
    const { text } = family;
    const identities = identityLines(family);
    sizes += `${metrics.length} ${Buffer.byteLength(text)} ${Buffer.byteLength(identities)} 0 `;
    lines += text + identities;
  }
  return `${sizes}\n${lines}`;
}

function encodeAsBytes(families: readonly AdmittedFamily[]): Buffer {
  let sizes = "";
  const parts: Uint8Array[] = [];
  for (const family of families) {
    const text = family.bytes ?? Buffer.from(family.text);
    const identities = Buffer.from(identityLines(family));
    const proto = family.proto ?? new Uint8Array();
    sizes += `${family.metrics.length} ${text.length} ${identities.length} ${proto.length} `;
    parts.push(text, identities, proto);
  }
  return Buffer.concat([Buffer.from(`${sizes}\n`), ...parts]);
}

function identityLines(family: AdmittedFamily): string {
  let lines = "";
  for (const identity of family.unprinted) lines += `${identity}\n`;
  return lines;
}

export type FamilyHead = Pick<StoredFamily, "name" | "type" | "help">;

/** What changes.lua tells of the families of a group. */
export interface FamilyFields {
  readonly layout: Buffer;
  readonly pushed: Buffer;
  /** The version of the last push, and its region, if that is another than the store's. */
  readonly pushedAtMicros: number;
  readonly region?: RegionId | undefined;
  readonly leftovers: readonly Buffer[];
}

/** Reads the families of groups in a store of that region. Those of one kind share one copy of names and help. */
export function createFamilyReader(own?: RegionId): (fields: FamilyFields) => StoredFamily[] {
  const headsOf = rememberLayouts(decodeLayout);
  const regionField = (region = own) => (region === undefined ? {} : { region });
  return ({ layout, pushed, pushedAtMicros, region, leftovers }) => {
    const heads = headsOf(withoutMark(layout.toString()));
    const families: StoredFamily[] = [];
    const versionOfPush = { pushedAtMicros, ...regionField(region) };
    decodePushed(heads, pushed, versionOfPush, (family) => families.push(family));
    for (const leftover of leftovers) {
      const stamp = leftoverStamp(leftover);
      const layoutEnd = leftover.indexOf(lineFeed, leftover.indexOf(lineFeed, stamp.end) + 1) + 1;
      const head = headsOf(leftover.toString("utf8", stamp.end, layoutEnd));
      const version = { pushedAtMicros: stamp.micros, ...regionField(stamp.region) };
      decodePushed(head, leftover.subarray(layoutEnd), version, (family) => families.push(family));
    }
    return families;
  };
}

/** What stands in front of a leftover: its version, with the region, if that is another than the store's, and where it ends. */
function leftoverStamp(leftover: Buffer): { micros: number; region: RegionId | undefined; end: number } {
  const micros = Number(leftover.toString("latin1", 0, versionLength));
  if (leftover[versionLength] !== atSign) return { micros, region: undefined, end: versionLength };
  const regionEnd = leftover.indexOf(lineFeed);
  return {
    micros,
    region: regionId(leftover.toString("latin1", versionLength + 1, regionEnd)),
    end: regionEnd + 1,
  };
}

/** Version and name of a leftover, of which no more than these is there. */
export function leftoverHead(leftover: Buffer): {
  readonly micros: number;
  readonly region: RegionId | undefined;
  readonly name: string;
} {
  const { micros, region, end } = leftoverStamp(leftover);
  return {
    micros,
    region,
    name: unescapeLine(leftover.toString("utf8", end + 1, leftover.indexOf(lineFeed, end))),
  };
}

/** The layout of a group, whether or not it holds leftovers too. */
export function withoutMark(layout: string): string {
  return layout.startsWith(leftoversMark) ? layout.slice(1) : layout;
}

/** The series of a family that the scripts give by itself. */
export function decodeSeries(layout: Buffer, pushed: Buffer): HeldSeries {
  const series: HeldSeries[] = [];
  decodePushed(decodeLayout(layout.toString()), pushed, { pushedAtMicros: 0 }, ({ text }, identities) => {
    const unprinted = identities.length === 0 ? [] : identities.toString().slice(0, -1).split("\n");
    series.push({ text: textOf(text), unprinted });
  });
  const [held] = series;
  if (held === undefined) throw new Error("a Redis script gave no family");
  return held;
}

export function decodeLayout(layout: string): readonly FamilyHead[] {
  const lines = layout.split("\n");
  const heads: FamilyHead[] = [];
  for (let at = 0; at + 1 < lines.length; at += 2) {
    const [named = "", help = ""] = [lines[at], lines[at + 1]];
    const name = unescapeLine(named.slice(1));
    heads.push({ name, type: typeOfLetter(named.charAt(0)), help: unescapeLine(help) });
  }
  return heads;
}

function decodePushed(
  heads: readonly FamilyHead[],
  pushed: Buffer,
  version: Pick<StoredFamily, "pushedAtMicros" | "region">,
  take: (family: StoredFamily, identities: Buffer) => void,
): void {
  const sizesEnd = pushed.indexOf(lineFeed);
  const sizes = pushed.toString("latin1", 0, sizesEnd).split(" ");
  let at = sizesEnd + 1;
  for (const [i, { name, type, help }] of heads.entries()) {
    const size = (column: number) => Number(sizes[4 * i + column]);
    const textEnd = at + size(1);
    const identitiesEnd = textEnd + size(2);
    const end = identitiesEnd + size(3);
    const text = { bytes: pushed, start: at, end: textEnd };
    const family = { name, type, help, text, metricCount: size(0), ...version };
    // Copied, because it is kept and the answer it is a part of is not.
    const proto =
      end === identitiesEnd ? {} : { proto: Uint8Array.from(pushed.subarray(identitiesEnd, end)) };
    take({ ...family, ...proto }, pushed.subarray(textEnd, identitiesEnd));
    at = end;
  }
}
