import { type Label, labelsText } from "@pushfleet/exposition";
import { hasValue, sortedByName } from "./labels.ts";
import { type MergedLabels, mergeLabels } from "./merge.ts";
import type { PathLabels } from "./path.ts";

/** The grouping labels of a push as admission needs them. All pushes to a path can share one. */
export class PushGrouping {
  /** Sorted by name, and an empty instance where there is none. */
  readonly labels: readonly Label[];
  /**
   * The names the path gives, as one text: all groupings of a shape are in the same places of `labels`. Undefined with
   * empty values, which are printed but do not tell series apart.
   */
  readonly shape: string | undefined;
  readonly #given: readonly Label[];
  readonly #text: string;
  /** Where in the text each label begins. */
  readonly #starts: readonly number[];

  constructor(pathLabels: PathLabels) {
    this.#given = sortedByName(pathLabels);
    this.shape = pathLabels.every(hasValue) ? JSON.stringify(this.#given.map(([name]) => name)) : undefined;
    this.labels = mergeLabels([], this.#given).printed;
    const texts = this.labels.map((label) => labelsText([label]));
    this.#text = texts.join(",");
    let start = 0;
    this.#starts = texts.map(({ length }) => {
      const here = start;
      start += length + 1;
      return here;
    });
  }

  /** The final labels of a metric of this push. */
  merge(own: readonly Label[]): MergedLabels {
    return mergeLabels(own, this.#given);
  }

  /** The text of the labels from place `from` up to `to`, which is not among them. */
  run(from: number, to: number): string {
    if (from === 0 && to === this.labels.length) return this.#text;
    const end = this.#starts[to] ?? this.#text.length + 1;
    return this.#text.slice(this.#starts[from], end - 1);
  }
}
