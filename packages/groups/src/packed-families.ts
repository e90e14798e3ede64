import type { Label, MetricType } from "@pushfleet/exposition";
import type { AdmittedFamily, AdmittedMetric, AdmittedMetrics } from "./admitted.ts";
import { withInstance } from "./merge.ts";
import { seriesIdentity } from "./series-identity.ts";

/**
 * Admitted families in a form that another thread gets in next to no time, however large they are: their bytes change hands
 * without being copied, and few objects have to be made anew.
 */
export interface PackedFamilies {
  readonly families: readonly PackedFamily[];
  /** Their texts, one behind the other. */
  readonly texts: Uint8Array<ArrayBuffer>;
  /** The labels of each metric as a line of JSON, family by family. */
  readonly labels: Uint8Array<ArrayBuffer>;
  /** What protobuf has of those that text cannot say. */
  readonly protos: Uint8Array<ArrayBuffer>;
}

interface PackedFamily extends Pick<AdmittedFamily, "name" | "type" | "help" | "seriesCount" | "unprinted"> {
  readonly metricCount: number;
  /** Where in `texts` and `labels` those of the family end. */
  readonly textEnd: number;
  readonly labelsEnd: number;
  /** Where in `protos`; undefined when it has none. */
  readonly protoEnd: number | undefined;
}

export function packFamilies(families: readonly AdmittedFamily[]): PackedFamilies {
  const [texts, labels, protos] = [new Pieces(), new Pieces(), new Pieces()];
  const packed = families.map(({ name, type, help, text, metrics, unprinted, seriesCount, proto }) => {
    const facts = { name, type, help, seriesCount, unprinted, metricCount: metrics.length };
    const textEnd = texts.add(Buffer.from(text));
    const labelsEnd = labels.add(labelLines(metrics));
    return { ...facts, textEnd, labelsEnd, protoEnd: proto && protos.add(proto) };
  });
  return { families: packed, texts: texts.join(), labels: labels.join(), protos: protos.join() };
}

/** What was packed. The families share the bytes, which must not change. */
export function unpackFamilies({ families, texts, labels, protos }: PackedFamilies): AdmittedFamily[] {
  const start = { text: 0, labels: 0, proto: 0 };
  return families.map((packed) => {
    const { textEnd, labelsEnd, protoEnd } = packed;
    const family = new UnpackedFamily(packed, {
      text: texts.subarray(start.text, textEnd),
      labels: labels.subarray(start.labels, labelsEnd),
      proto: protoEnd === undefined ? undefined : protos.subarray(start.proto, protoEnd),
    });
    start.text = textEnd;
    start.labels = labelsEnd;
    start.proto = protoEnd ?? start.proto;
    return family;
  });
}

/** Of one family. */
interface FamilyBytes {
  readonly text: Uint8Array;
  readonly labels: Uint8Array;
  readonly proto: Uint8Array | undefined;
}

class UnpackedFamily implements AdmittedFamily {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly bytes: Uint8Array;
  readonly proto?: Uint8Array;
  readonly metrics: AdmittedMetrics;
  readonly unprinted: readonly string[];
  readonly seriesCount: number;

  constructor(packed: PackedFamily, { text, labels, proto }: FamilyBytes) {
    this.name = packed.name;
    this.type = packed.type;
    this.help = packed.help;
    this.bytes = text;
    if (proto !== undefined) this.proto = proto;
    this.metrics = new UnpackedMetrics(packed, labels);
    this.unprinted = packed.unprinted;
    this.seriesCount = packed.seriesCount;
  }

  get text(): string {
    return bufferOf(this.bytes).toString();
  }
}

/** Makes the metrics anew each time: hardly anybody asks, and they take many times the room of their lines. */
class UnpackedMetrics implements AdmittedMetrics {
  readonly length: number;
  readonly #family: PackedFamily;
  readonly #lines: Buffer;

  constructor(family: PackedFamily, lines: Uint8Array) {
    this.length = family.metricCount;
    this.#family = family;
    this.#lines = bufferOf(lines);
  }

  *[Symbol.iterator](): Generator<AdmittedMetric> {
    for (let start = 0; start < this.#lines.length; ) {
      const end = this.#lines.indexOf("\n", start);
      const labels = JSON.parse(this.#lines.toString("utf8", start, end)) as Label[]; // by `labelLines`
      yield { labels, identity: seriesIdentity(this.#family, withInstance(labels)) };
      start = end + 1;
    }
  }
}

function labelLines(metrics: AdmittedMetrics): Buffer {
  let lines = "";
  for (const { labels } of metrics) lines += `${JSON.stringify(labels)}\n`;
  return Buffer.from(lines);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Bytes that become one buffer of their own. */
class Pieces {
  readonly #pieces: Uint8Array[] = [];
  #length = 0;

  /** Returns where it ends. */
  add(piece: Uint8Array): number {
    this.#pieces.push(piece);
    this.#length += piece.length;
    return this.#length;
  }

  join(): Uint8Array<ArrayBuffer> {
    const joined = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#pieces) {
      joined.set(piece, at);
      at += piece.length;
    }
    return joined;
  }
}
