import type { Label, Steps } from "@pushfleet/exposition";
import { FamilyChunk, type Fragment, relabelled } from "./family-chunk.ts";
import { ListedFamily } from "./listed-family.ts";

const exported = "exported_";

/**
 * Gives each series a label that tells in which region its family was pushed, or for the push times the group. A pushed label
 * of that name is kept as `exported_<name>`, as Prometheus does with labels of targets, and one that is called so already as
 * `exported_exported_<name>`, and so on. Unlike Prometheus it does so with every series, whichever labels it has: then no two
 * that differ become one. Made when a scrape asks, and kept as long as what it was made from.
 */
export class OriginLabel {
  readonly #name: string;
  readonly #families = new WeakMap<ListedFamily, ListedFamily>();
  readonly #chunks = new WeakMap<FamilyChunk, FamilyChunk>();
  readonly #fragments = new WeakMap<Fragment, Fragment>();

  /** @param name A legacy label name, but for those that sample lines use themselves: `le` and `quantile`. */
  constructor(name: string) {
    this.#name = name;
  }

  /** The families in the same order, with the label. */
  *put(families: readonly ListedFamily[]): Steps<readonly ListedFamily[]> {
    const labelled: ListedFamily[] = [];
    for (const family of families)
      labelled.push(this.#families.get(family) ?? (yield* this.#onFamily(family)));
    return labelled;
  }

  *#onFamily(family: ListedFamily): Steps<ListedFamily> {
    const chunks: FamilyChunk[] = [];
    for (const chunk of family.chunks) {
      const known = this.#chunks.get(chunk);
      chunks.push(known ?? this.#onChunk(chunk));
      if (known === undefined) yield;
    }
    const { name, type, help } = family;
    const labelled = new ListedFamily({ name, type, help, chunks }, { headerOf: family });
    this.#families.set(family, labelled);
    return labelled;
  }

  #onChunk(chunk: FamilyChunk): FamilyChunk {
    const values = chunk.values.map(
      (fragment) => this.#fragments.get(fragment) ?? this.#onFragment(fragment),
    );
    const labelled = new FamilyChunk(chunk.keys, values, chunk.weight);
    this.#chunks.set(chunk, labelled);
    return labelled;
  }

  #onFragment(fragment: Fragment): Fragment {
    const labelled = relabelled(fragment, fragment.name, (labels) => this.#onSeries(labels, fragment.region));
    this.#fragments.set(fragment, labelled);
    return labelled;
  }

  #onSeries(labels: readonly Label[], region: string | undefined): readonly Label[] {
    const kept = labels.map(([name, value]): Label => [this.#isTaken(name) ? exported + name : name, value]);
    const all: Label[] = region === undefined ? kept : [...kept, [this.#name, region]];
    return all.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  }

  /** The name itself, or what it would become. */
  #isTaken(name: string): boolean {
    if (!name.endsWith(this.#name)) return false;
    const before = name.slice(0, name.length - this.#name.length);
    return before === exported.repeat(before.length / exported.length);
  }
}
