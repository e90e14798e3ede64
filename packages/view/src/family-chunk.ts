import {
  atOnce,
  decodeMetrics,
  type EscapingScheme,
  encodeMetrics,
  familyHeader,
  type Label,
  type Metric,
  type MetricType,
  metricText,
  parseTextInSteps,
  type Steps,
} from "@pushfleet/exposition";
import { type RegionId, spanOf, type TextSpan, textOf } from "@pushfleet/store";
import { Block } from "./block.ts";
import type { Chunk, ChunkPlan } from "./chunks.ts";

/** What one group holds of one family: the part of `StoredFamily` that is shown. */
export interface Fragment {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  /** In the block of the latest chunk it was put into. */
  readonly text: TextSpan;
  readonly proto?: Uint8Array;
  /** Where it was pushed; absent in a store that belongs to no region. */
  readonly region?: RegionId;
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

/**
 * The fragments of some groups that follow each other, of one family, with all their wire forms. Their text is moved into
 * the chunk's block, which is then the only copy of it: what a page of the change feed brought can go.
 */
export class FamilyChunk implements Chunk<Fragment> {
  /** Group keys. */
  readonly keys: readonly string[];
  readonly values: readonly Fragment[];
  readonly weight: number;
  readonly block: Block;
  #mayQuoteLabels: boolean | undefined;
  #metricFields: Buffer | undefined;
  #labelNames: ReadonlySet<string> | undefined;
  /** By escaping scheme. Few chunks are ever renamed. */
  #renamed: Map<EscapingScheme, { signature: string; chunk: FamilyChunk }> | undefined;

  constructor(keys: readonly string[], values: readonly Fragment[], weight: number) {
    this.keys = keys;
    this.values = values;
    this.weight = weight;
    this.block = new Block(gather(values));
  }

  /** Whether a label name in the text may need escaping: never false when one does, seldom true when none does. */
  get mayQuoteLabels(): boolean {
    this.#mayQuoteLabels ??= this.block.bytes.includes('{"') || this.block.bytes.includes(',"');
    return this.#mayQuoteLabels;
  }

  /** The `metric` fields of a protobuf MetricFamily. Undefined until `encode` has made them. */
  get metricFields(): Buffer | undefined {
    return this.#metricFields;
  }

  *encode(): Steps<Buffer> {
    const fields: Uint8Array[] = [];
    for (const fragment of this.#fragments()) {
      if (fragment.proto !== undefined) {
        fields.push(fragment.proto);
        continue;
      }
      const metrics = yield* metricsInSteps(fragment);
      for (let start = 0; start < metrics.length; start += metricsAtOnce) {
        if (start > 0) yield;
        fields.push(encodeMetrics(fragment.type, metrics.slice(start, start + metricsAtOnce)));
      }
    }
    this.#metricFields = Buffer.concat(fields);
    return this.#metricFields;
  }

  labelNames(): ReadonlySet<string> {
    this.#labelNames ??= new Set(
      this.#fragments()
        .flatMap(metricsOf)
        .flatMap((metric) => metric.labels.map(([name]) => name)),
    );
    return this.#labelNames;
  }

  /** The same chunk under other names; kept, as it is asked for on every scrape. */
  renamed(renaming: Renaming): FamilyChunk {
    const known = this.#renamed?.get(renaming.scheme);
    if (known?.signature === renaming.signature) return known.chunk;
    const values = this.values.map((fragment) => renameFragment(fragment, renaming));
    const chunk = new FamilyChunk(this.keys, values, this.weight);
    this.#renamed ??= new Map();
    this.#renamed.set(renaming.scheme, { signature: renaming.signature, chunk });
    return chunk;
  }

  /** Those of the chunk; where text says all there is, as if they were one, which takes less time to parse. */
  #fragments(): readonly Fragment[] {
    const first = this.values[0];
    if (first === undefined || this.values.some((fragment) => fragment.proto !== undefined))
      return this.values;
    const { bytes } = this.block;
    return [{ ...first, text: { bytes, start: 0, end: bytes.length } }];
  }
}

/** Encoded in one step. */
const metricsAtOnce = 500;

/**
 * About 3 kB of text in a chunk. When one group in a hundred has changed, chunks of 128 lines are dirty to 70 %, chunks
 * of 3 kB to 15 %, and what a dirty chunk costs is its size. Smaller ones deflate worse and their fixed costs take over.
 */
export const familyChunks: ChunkPlan<Fragment, FamilyChunk> = {
  weigh: ({ text }) => text.end - text.start,
  make: (keys, values, weight) => new FamilyChunk(keys, values, weight),
  weights: { min: 1024, target: 3072, max: 5120 },
};

/** From so many bytes on, copying would keep others waiting: 32 MiB at once take a tenth of a second and more. */
const large = 256 * 1024;

/** Where the texts are, one behind the other: moved into a buffer of their own, but for a large one that is in one already. */
function gather(fragments: readonly Fragment[]): Buffer {
  const [first] = fragments;
  if (fragments.length === 1 && first !== undefined && isMostOfItsBuffer(first.text)) {
    const { bytes, start, end } = first.text;
    return bytes.subarray(start, end);
  }
  let length = 0;
  for (const { text } of fragments) length += text.end - text.start;
  const gathered = Buffer.allocUnsafeSlow(length); // not from Node's pool, whose pages it would keep
  let at = 0;
  /** Texts that follow each other already are copied together: most of a chunk does not change. */
  let run: TextSpan = { bytes: gathered, start: 0, end: 0 };
  const copyRun = () => {
    at += run.bytes.copy(gathered, at, run.start, run.end);
  };
  for (const { text } of fragments) {
    if (text.bytes === run.bytes && text.start === run.end) {
      run.end = text.end;
      continue;
    }
    copyRun();
    run = { ...text };
  }
  copyRun();
  let start = 0;
  for (const { text } of fragments) {
    const end = start + text.end - text.start;
    text.bytes = gathered;
    text.start = start;
    text.end = end;
    start = end;
  }
  return gathered;
}

/** What is kept with it is little then. */
function isMostOfItsBuffer({ bytes, start, end }: TextSpan): boolean {
  return end - start >= large && end - start >= bytes.buffer.byteLength / 2;
}

function metricsOf(fragment: Fragment): readonly Metric[] {
  return atOnce(metricsInSteps(fragment));
}

function* metricsInSteps({ name, type, text, proto }: Fragment): Steps<readonly Metric[]> {
  if (proto !== undefined) return decodeMetrics(proto);
  const body = Buffer.from(familyHeader({ name, help: "", type }) + textOf(text));
  const families = yield* parseTextInSteps(body, { names: "utf8" });
  return families.flatMap((family) => family.metrics);
}

function renameFragment(fragment: Fragment, { family, labels }: Renaming): Fragment {
  const rename = ([name, value]: Label): Label => [labels.get(name) ?? name, value];
  return relabelled(fragment, family, (own) => own.map(rename));
}

/** The fragment under that name, with what `relabel` makes of the labels of each series, `le` and `quantile` aside. */
export function relabelled(
  fragment: Fragment,
  name: string,
  relabel: (labels: readonly Label[]) => readonly Label[],
): Fragment {
  const metrics = metricsOf(fragment).map((metric) => ({ ...metric, labels: relabel(metric.labels) }));
  return {
    name,
    type: fragment.type,
    help: fragment.help,
    text: spanOf(metrics.map((metric) => metricText(name, metric.labels, metric.data)).join("")),
    ...(fragment.proto && { proto: encodeMetrics(fragment.type, metrics) }),
  };
}
