import { detached, type Label, labelsText, type SeriesHead, seriesOpening } from "@pushfleet/exposition";
import type { AdmittedMetric } from "./admitted.ts";
import { hasValue } from "./labels.ts";
import { type LabelMerger, labelMerger } from "./merge.ts";
import type { PathLabels } from "./path.ts";

/** Some of the grouping labels of a push, by their places in `PushGrouping.labels`. */
interface Run {
  readonly from: number;
  readonly to: number;
}

/**
 * The identity of one series in any group of a shape: text that stays, and between it runs of grouping labels. Its labels
 * have passed all checks of admission, and none is empty.
 */
export interface SeriesTemplate {
  readonly shape: string;
  readonly head: SeriesHead;
  /** One more than `runs`. */
  readonly pieces: readonly string[];
  /** Each stands between two pieces. */
  readonly runs: readonly Run[];
  /** The names of the labels that are not grouping labels, as one text. */
  readonly names: string;
  /** Their values, in the order of their names. */
  readonly values: readonly string[];
}

/** Shapes in use are a handful; the bound is against strangers. */
const MAX_SHAPES = 1000;

/**
 * Remembers, by the heads that a parser with a memory gives its metrics, how series are printed and that their labels are
 * admissible. Both depend only on the head and on the *names* of the grouping labels, so what one group pushed serves all
 * groups of its shape. A head has one template: the memory is as bounded as the parser's, and goes with it. With it
 * admission takes a third of the time.
 */
export class SeriesMemory {
  readonly #templates = new WeakMap<SeriesHead, SeriesTemplate>();
  /** One copy of each shape, so that comparing them is cheap. */
  readonly #shapes = new Map<string, string>();

  /** Undefined for empty grouping labels: they are printed, but do not tell series apart. */
  grouping(pathLabels: PathLabels): PushGrouping | undefined {
    if (!pathLabels.every(hasValue)) return undefined;
    const merge = labelMerger(pathLabels);
    const { printed } = merge([]);
    let shape = "";
    for (const [name, value] of printed) shape += value === "" ? ":" : `${name.length}:${name}`;
    let kept = this.#shapes.get(shape);
    if (kept === undefined) {
      if (this.#shapes.size >= MAX_SHAPES) this.#shapes.clear();
      kept = detached(shape);
      this.#shapes.set(kept, kept);
    }
    return new PushGrouping(merge, printed, kept);
  }

  /** The template of the series; undefined when its labels need a closer look with each push. */
  template(head: SeriesHead, grouping: PushGrouping): SeriesTemplate | undefined {
    const known = this.#templates.get(head);
    if (known !== undefined && known.shape === grouping.shape) return known;
    const template = templateOf(head, grouping);
    if (template !== undefined) this.#templates.set(head, template);
    return template;
  }
}

/** The grouping labels of one push, ready to be put into templates. Made by `SeriesMemory.grouping`. */
export class PushGrouping {
  /** The grouping labels sorted by name, and an empty instance where there is none. */
  readonly labels: readonly Label[];
  /** Their names, as one text. */
  readonly shape: string;
  readonly #merge: LabelMerger;
  readonly #runs: (string | undefined)[] = [];

  constructor(merge: LabelMerger, labels: readonly Label[], shape: string) {
    this.#merge = merge;
    this.labels = labels;
    this.shape = shape;
  }

  /** The text of some of the labels, one after another. */
  run({ from, to }: Run): string {
    const at = from * this.labels.length + to;
    let text = this.#runs[at];
    if (text === undefined) {
      text = labelsText(this.labels.slice(from, to));
      this.#runs[at] = text;
    }
    return text;
  }

  /** All labels of a metric of this push: see `MergedLabels.printed`. */
  printed(own: readonly Label[]): readonly Label[] {
    return this.#merge(own).printed;
  }

  /** Those of them that are not empty. */
  held(own: readonly Label[]): readonly Label[] {
    return this.#merge(own).held;
  }
}

/** A metric that was admitted by its template. Few readers want its labels, so they are put together on demand. */
export class TemplatedMetric implements AdmittedMetric {
  readonly identity: string;
  readonly identityIsPrinted = true;
  readonly #head: SeriesHead;
  readonly #grouping: PushGrouping;

  constructor(template: SeriesTemplate, grouping: PushGrouping) {
    const { pieces, runs } = template;
    let identity = pieces[0] ?? "";
    let next = 1;
    for (const run of runs) identity += grouping.run(run) + (pieces[next++] ?? "");
    this.identity = identity;
    this.#head = template.head;
    this.#grouping = grouping;
  }

  get labels(): readonly Label[] {
    return this.#grouping.held(this.#head.labels);
  }
}

function templateOf(head: SeriesHead, grouping: PushGrouping): SeriesTemplate | undefined {
  if (!head.labels.every(hasValue)) return undefined;
  const pieces: string[] = [];
  const runs: Run[] = [];
  const names: string[] = [];
  const values: string[] = [];
  let piece = seriesOpening(head.name);
  let comma = "";
  for (const [name, value] of grouping.printed(head.labels)) {
    const at = grouping.labels.findIndex((label) => label[0] === name && label[1] === value);
    const last = runs.at(-1);
    if (at === -1) {
      if (name === names.at(-1) || name === "" || name.startsWith("__")) return undefined;
      piece += comma + labelsText([[name, value]]);
      names.push(name);
      values.push(value);
    } else if (last?.to === at && piece === "") {
      runs[runs.length - 1] = { from: last.from, to: at + 1 };
    } else {
      pieces.push(piece + comma);
      runs.push({ from: at, to: at + 1 });
      piece = "";
    }
    comma = ",";
  }
  pieces.push(`${piece}} `);
  return { shape: grouping.shape, head, pieces, runs, names: JSON.stringify(names), values };
}
