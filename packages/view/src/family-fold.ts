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
  #typesChanged = false;
  #chunks: readonly FamilyChunk[] = [];
  #edits: Edit<Fragment>[] = [];
  #areEditsInOrder = true;
  #listed: ListedFamily | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  /** Undefined while no group shows the family. */
  get listed(): ListedFamily | undefined {
    return this.#listed;
  }

  /** Those of all groups that hold the family, shown or not; none when no group does. */
  get types(): readonly MetricType[] {
    return this.#types.texts;
  }

  /** Whether `types` may have changed since the last commit. */
  get typesChanged(): boolean {
    return this.#typesChanged;
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
   * Of a group that holds the family, another fragment is shown than before, or none. In any order, and of several calls
   * for a group between two commits, those of `change` among them, the last counts.
   */
  show(groupKey: string, before: Fragment | undefined, after: Fragment | undefined): void {
    this.#uncountHelp(before);
    this.#countHelp(after);
    this.#edits.push({ key: groupKey, value: after });
    this.#areEditsInOrder = false;
  }

  /**
   * Takes the changes over into `listed`. Type and help are those most groups give, of several the first in alphabetical
   * order, so that every replica picks the same; with `type` that is the type, and no other is among what is shown.
   */
  commit(type?: MetricType): void {
    this.#chunks = editChunks(this.#chunks, this.#editsInOrder(), familyChunks);
    this.#edits = [];
    this.#areEditsInOrder = true;
    this.#typesChanged = false;
    const shownType = type ?? this.#types.most();
    if (shownType === undefined || this.#chunks.length === 0) {
      this.#listed = undefined;
      return;
    }
    // The store of a single region promises one type. Should it ever fail, a family of two types would spoil the whole scrape.
    const isOfOneType = type !== undefined || this.#types.size === 1;
    const chunks = isOfOneType ? this.#chunks : ofType(this.#chunks, shownType);
    const family = { name: this.#name, type: shownType, help: this.#helps.most() ?? "", chunks };
    this.#listed = new ListedFamily(family, { headerOf: this.#listed });
  }

  #editsInOrder(): readonly Edit<Fragment>[] {
    if (this.#areEditsInOrder) return this.#edits;
    const last = new Map(this.#edits.map((edit) => [edit.key, edit]));
    return [...last.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  #count(fragment: Fragment): void {
    if (this.#types.add(fragment.type)) this.#typesChanged = true;
    this.#countHelp(fragment);
  }

  #uncount(fragment: Fragment): void {
    if (this.#types.remove(fragment.type)) this.#typesChanged = true;
    this.#uncountHelp(fragment);
  }

  #countHelp(fragment: Fragment | undefined): void {
    if (fragment !== undefined && fragment.help !== "") this.#helps.add(fragment.help);
  }

  #uncountHelp(fragment: Fragment | undefined): void {
    if (fragment !== undefined && fragment.help !== "") this.#helps.remove(fragment.help);
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
