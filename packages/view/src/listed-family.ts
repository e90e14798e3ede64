import { familyHeader, isLegacyMetricName, type MetricType } from "@pushfleet/exposition";
import { Block } from "./block.ts";
import type { FamilyChunk, Renaming } from "./family-chunk.ts";

/** A family as a scrape lists it. Immutable but for what it caches. */
export class ListedFamily {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly chunks: readonly FamilyChunk[];
  readonly header: Block;
  #needsEscaping: boolean | undefined;

  constructor(
    family: Pick<ListedFamily, "name" | "type" | "help" | "chunks">,
    options: { headerOf?: ListedFamily | undefined } = {},
  ) {
    this.name = family.name;
    this.type = family.type;
    this.help = family.help;
    this.chunks = family.chunks;
    const other = options.headerOf;
    this.header =
      other?.name === this.name && other.help === this.help && other.type === this.type
        ? other.header
        : new Block(Buffer.from(familyHeader(this)));
  }

  /** Whether its name or a label name (may) differ under some escaping scheme. */
  get needsEscaping(): boolean {
    // Not before a scrape asks: to those who only look for groups, a look at every chunk is most of the cost.
    this.#needsEscaping ??=
      !isLegacyMetricName(this.name) || this.chunks.some((chunk) => chunk.mayQuoteLabels);
    return this.#needsEscaping;
  }

  labelNames(): ReadonlySet<string> {
    const names = new Set<string>();
    for (const chunk of this.chunks) for (const name of chunk.labelNames()) names.add(name);
    return names;
  }

  renamed(renaming: Renaming): ListedFamily {
    const { name, type, help } = this;
    if (renaming.family === name && renaming.labels.size === 0) return this;
    const chunks = this.chunks.map((chunk) => chunk.renamed(renaming));
    return new ListedFamily({ name: renaming.family, type, help, chunks });
  }
}
