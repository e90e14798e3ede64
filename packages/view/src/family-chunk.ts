import {
  decodeMetrics,
  type EscapingScheme,
  encodeMetrics,
  familyHeader,
  type Label,
  type Metric,
  type MetricType,
  metricText,
  parseText,
} from "@pushfleet/exposition";
import { Block } from "./block.ts";
import type { Chunk, ChunkPlan } from "./chunks.ts";

/** What one group holds of one family: the part of `StoredFamily` that is shown. */
export interface Fragment {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly text: string;
  readonly proto?: Uint8Array;
}

/** The names a family and its labels get under an escaping scheme. */
export interface Renaming {
  readonly scheme: EscapingScheme;
  readonly family: string;
  /** The labels that change, and those only. */
  readonly labels: ReadonlyMap<string, string>;
  /** Equal for equal renamings. */
  readonly signature: string;
}

/** The fragments of some groups that follow each other, of one family, with all their wire forms. */
export class FamilyChunk implements Chunk<Fragment> {
  /** Group keys. */
  readonly keys: readonly string[];
  readonly values: readonly Fragment[];
  readonly weight: number;
  readonly block: Block;
  #metricFields: Buffer | undefined;
  #labelNames: ReadonlySet<string> | undefined;
  readonly #renamed = new Map<EscapingScheme, { signature: string; chunk: FamilyChunk }>();

  constructor(keys: readonly string[], values: readonly Fragment[], weight: number) {
    this.keys = keys;
    this.values = values;
    this.weight = weight;
    this.block = new Block(values);
  }

  get hasMetricFields(): boolean {
    return this.#metricFields !== undefined;
  }

  /** The `metric` fields of a protobuf MetricFamily. */
  metricFields(): Buffer {
    this.#metricFields ??= Buffer.from(this.#encodeMetrics());
    return this.#metricFields;
  }

  labelNames(): ReadonlySet<string> {
    this.#labelNames ??= new Set(this.#metrics().flatMap((metric) => metric.labels.map(([name]) => name)));
    return this.#labelNames;
  }

  /** The same chunk under other names; kept, as it is asked for on every scrape. */
  renamed(renaming: Renaming): FamilyChunk {
    const known = this.#renamed.get(renaming.scheme);
    if (known?.signature === renaming.signature) return known.chunk;
    const values = this.values.map((fragment) => renameFragment(fragment, renaming));
    const chunk = new FamilyChunk(this.keys, values, this.weight);
    this.#renamed.set(renaming.scheme, { signature: renaming.signature, chunk });
    return chunk;
  }

  #encodeMetrics(): Uint8Array {
    const type = this.values[0]?.type ?? "untyped";
    if (this.values.every((fragment) => fragment.proto === undefined)) {
      return encodeMetrics(type, this.#metrics());
    }
    return Buffer.concat(
      this.values.map((fragment) => fragment.proto ?? encodeMetrics(type, metricsOf(fragment))),
    );
  }

  #metrics(): readonly Metric[] {
    const first = this.values[0];
    if (first === undefined || this.values.some((fragment) => fragment.proto !== undefined)) {
      return this.values.flatMap(metricsOf);
    }
    return metricsOf({ ...first, text: this.block.text() });
  }
}

/**
 * About 3 kB of text in a chunk. When one group in a hundred has changed, chunks of 128 lines are dirty to 70 %, chunks
 * of 3 kB to 15 %, and what a dirty chunk costs is its size. Smaller ones deflate worse and their fixed costs take over.
 */
export const familyChunks: ChunkPlan<Fragment, FamilyChunk> = {
  weigh: (fragment) => fragment.text.length,
  make: (keys, values, weight) => new FamilyChunk(keys, values, weight),
  weights: { min: 1024, target: 3072, max: 5120 },
};

/** Whether a label name in the text may need escaping: never false when one does, seldom true when none does. */
export function mayQuoteLabels({ text }: Fragment): boolean {
  return text.includes('{"') || text.includes(',"');
}

function metricsOf({ name, type, text, proto }: Fragment): readonly Metric[] {
  if (proto !== undefined) return decodeMetrics(proto);
  const body = Buffer.from(familyHeader({ name, help: "", type }) + text);
  return parseText(body, { names: "utf8" }).flatMap((family) => family.metrics);
}

function renameFragment(fragment: Fragment, { family, labels }: Renaming): Fragment {
  const rename = ([name, value]: Label): Label => [labels.get(name) ?? name, value];
  const metrics = metricsOf(fragment).map((metric) => ({ ...metric, labels: metric.labels.map(rename) }));
  return {
    name: family,
    type: fragment.type,
    help: fragment.help,
    text: metrics.map((metric) => metricText(family, metric.labels, metric.data)).join(""),
    ...(fragment.proto && { proto: encodeMetrics(fragment.type, metrics) }),
  };
}
