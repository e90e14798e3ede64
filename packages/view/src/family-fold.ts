import type { MetricType } from "@pushfleet/exposition";
import { type Edit, editChunks } from "./chunks.ts";
import { type FamilyChunk, type Fragment, familyChunks } from "./family-chunk.ts";
import { ListedFamily } from "./listed-family.ts";
import { Tally } from "./tally.ts";

/** One family while changes are folded in. */
export class FamilyFold {
  readonly #name: string;
  readonly #helps = new Tally<string>();
  readonly #types = new Tally<MetricType>();
  #chunks: readonly FamilyChunk[] = [];
  #edits: Edit<Fragment>[] = [];
  #listed: ListedFamily | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  /** Undefined while no group holds the family. */
  get listed(): ListedFamily | undefined {
    return this.#listed;
  }

  /** A group's fragment becomes another, comes or goes. Calls between two commits come in order of the group keys. */
  change(groupKey: string, before: Fragment | undefined, after: Fragment | undefined): void {
    if (before?.type !== after?.type || before?.help !== after?.help) {
      if (before !== undefined) this.#uncount(before);
      if (after !== undefined) this.#count(after);
    }
    this.#edits.push({ key: groupKey, value: after });
  }

  /**
   * Takes the changes over into `listed`. Type and help are those most groups give, of several the first in alphabetical
   * order, so that every replica picks the same.
   */
  commit(): void {
    this.#chunks = editChunks(this.#chunks, this.#edits, familyChunks);
    this.#edits = [];
    const type = this.#types.most();
    if (type === undefined) {
      this.#listed = undefined;
      return;
    }
    // The store promises one type. Should it ever fail, a family of two types would spoil the whole scrape.
    const chunks = this.#types.size === 1 ? this.#chunks : ofType(this.#chunks, type);
    const family = { name: this.#name, type, help: this.#helps.most() ?? "", chunks };
    this.#listed = new ListedFamily(family, { headerOf: this.#listed });
  }

  #count({ type, help }: Fragment): void {
    this.#types.add(type);
    if (help !== "") this.#helps.add(help);
  }

  #uncount({ type, help }: Fragment): void {
    this.#types.remove(type);
    if (help !== "") this.#helps.remove(help);
  }
}

function ofType(chunks: readonly FamilyChunk[], type: MetricType): readonly FamilyChunk[] {
  const edits = chunks.flatMap((chunk) =>
    chunk.keys.map((key, i) => ({
      key,
      value: chunk.values[i]?.type === type ? chunk.values[i] : undefined,
    })),
  );
  return editChunks([], edits, familyChunks);
}
