import {
  decodeMetrics,
  encodeMetrics,
  type Label,
  parseText,
  seriesOpening,
  seriesText,
} from "@pushfleet/exposition";
import { type AdmittedMetric, sampleSuffixes } from "@pushfleet/groups";
import { type TextSpan, textOf } from "@pushfleet/store";
import type { Fragment } from "../family-chunk.ts";

/** One label set of a stored family. Labels and identity are those it was admitted with. */
export interface Series extends AdmittedMetric {
  /** All its lines. */
  readonly lines: string;
}

/** In the order of the text. */
export function seriesOf({ name, type, text }: Pick<Fragment, "name" | "type" | "text">): readonly Series[] {
  const standing = standingName({ name, type });
  const isStanding = (line: string) =>
    line.startsWith(seriesOpening(standing)) || line.startsWith(`${standing} `);
  const pieces: string[] = [];
  const standingLines: string[] = [];
  let lines = "";
  for (const line of textOf(text).split(/(?<=\n)/)) {
    lines += line;
    if (!isStanding(line)) continue;
    standingLines.push(line);
    pieces.push(lines);
    lines = "";
  }
  // Without a type line each line is a metric of its own, in order.
  const [family] = parseText(Buffer.from(standingLines.join("")), { names: "utf8" });
  return (family?.metrics ?? []).map(({ labels }, i) => ({
    labels: labels.filter(hasValue),
    identity: identityOf(standing, labels),
    lines: pieces[i] ?? "",
  }));
}

/** The fragment without these series; undefined when nothing is left of it. */
export function without<F extends Fragment>(fragment: F, identities: ReadonlySet<string>): F | undefined {
  const left = seriesOf(fragment).filter(({ identity }) => !identities.has(identity));
  if (left.length === 0) return undefined;
  const text = ownSpan(Buffer.from(left.map(({ lines }) => lines).join("")));
  if (fragment.proto === undefined) return { ...fragment, text };
  const standing = standingName(fragment);
  const metrics = decodeMetrics(fragment.proto).filter(
    ({ labels }) => !identities.has(identityOf(standing, labels)),
  );
  return { ...fragment, text, proto: encodeMetrics(fragment.type, metrics) };
}

/** Moves the text into a buffer of its own, so that the page of the change feed that it came with can go. */
export function moveOut(text: TextSpan): void {
  Object.assign(text, ownSpan(text.bytes.subarray(text.start, text.end)));
}

function ownSpan(bytes: Buffer): TextSpan {
  const own = Buffer.allocUnsafeSlow(bytes.length); // not from Node's pool, whose pages it would keep
  bytes.copy(own);
  return { bytes: own, start: 0, end: own.length };
}

/** The name on the last line of each label set. */
function standingName({ name, type }: Pick<Fragment, "name" | "type">): string {
  return sampleSuffixes(type).length === 0 ? name : `${name}_count`;
}

/** As `AdmittedMetric.identity`; of labels that were stored, so sorted. */
function identityOf(standing: string, labels: readonly Label[]): string {
  const identifying = labels.filter((label) => hasValue(label) || label[0] === "instance");
  return `${seriesText(standing, identifying)} `;
}

function hasValue([, value]: Label): boolean {
  return value !== "";
}
