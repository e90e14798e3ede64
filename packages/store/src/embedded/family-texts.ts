import type { AdmittedFamily } from "@pushfleet/groups";
import type { HeldSeries } from "../conflicts.ts";
import type { Version } from "../replication/version.ts";
import { type TextSpan, writeText } from "../text-span.ts";
import type { FamilyFacts } from "./group-record.ts";

/** A family as it is handed in. */
export interface GivenFamily extends FamilyFacts {
  /** As bytes where it is large. */
  readonly text: string | Uint8Array;
}

/** A family that is held, and where its text is. Overwritten by the next push of the same name. */
export type HeldFamily = { -readonly [Key in keyof FamilyFacts]: FamilyFacts[Key] } & {
  start: number;
  end: number;
  /** How many there are in the text; undefined until somebody wants to know. */
  lines: number | undefined;
};

const nothing = Buffer.alloc(0);
const lineFeed = 0x0a;

/**
 * The families of one group, with all their texts in one buffer outside of the JavaScript heap. A push overwrites them in
 * place: pushed strings die young, and what stays is not moved, copied and looked through by the garbage collector. When
 * they were kept as strings, most of the memory of a gateway under load was garbage.
 */
export class FamilyTexts {
  readonly #byName = new Map<string, HeldFamily>();
  #texts: Buffer = nothing;
  /** Since it was made, a reader has got a span of the buffer: it must not change any more. */
  #isLent = false;

  get(name: string): HeldFamily | undefined {
    return this.#byName.get(name);
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  names(): IterableIterator<string> {
    return this.#byName.keys();
  }

  values(): IterableIterator<HeldFamily> {
    return this.#byName.values();
  }

  text({ start, end }: HeldFamily): string {
    return this.#texts.toString("utf8", start, end);
  }

  /** What the duplicate check looks at. */
  series(family: HeldFamily): HeldSeries {
    return { text: this.text(family), unprinted: family.unprinted };
  }

  /** How many series there are in families of other names: lines of their texts. */
  seriesBeside(families: readonly { readonly name: string }[]): number {
    return sum(this.#keptBeside(families).map((family) => this.#linesOf(family)));
  }

  /** The next `put` takes back the room it took. */
  delete(name: string): void {
    this.#byName.delete(name);
  }

  /** Adds the families, each name once, in place of those of the same names. */
  put(families: readonly GivenFamily[]): void {
    const kept = this.#keptBeside(families);
    const whole = kept.length === 0 ? wholeOf(families) : undefined;
    if (whole === undefined) this.#write(families, kept);
    else this.#takeOver(families, whole);
  }

  #write(families: readonly GivenFamily[], kept: readonly HeldFamily[]): void {
    // Node gives a float, and so would take twice the memory in every place that is computed from it.
    const lengths = families.map(({ text }) => Buffer.byteLength(text) | 0);
    const needed = sum(lengths) + sum(kept.map(({ start, end }) => end - start));
    let at = 0;
    const fits = needed <= this.#texts.length && needed >= this.#texts.length / 4;
    if (this.#isLent || kept.length > 0 || !fits) {
      const texts = Buffer.allocUnsafeSlow(withRoom(needed));
      for (const family of kept) at = this.#move(family, texts, at);
      this.#texts = texts;
      this.#isLent = false;
    }
    for (const [i, family] of families.entries()) {
      const length = lengths[i] ?? 0;
      if (typeof family.text === "string") writeText(family.text, length, this.#texts, at);
      else this.#texts.set(family.text, at);
      this.#enter(family, at, at + length);
      at += length;
    }
  }

  /** Copying many MiB would take a tenth of a second. They are not ours to write to. */
  #takeOver(families: readonly GivenFamily[], whole: Buffer): void {
    this.#texts = whole;
    this.#isLent = true;
    let at = 0;
    for (const family of families) {
      this.#enter(family, at, at + family.text.length);
      at += family.text.length;
    }
  }

  /** Where the text of a family stands, for a reader who may take its time. */
  lend({ start, end }: HeldFamily): TextSpan {
    this.#isLent = true;
    return { bytes: this.#texts, start, end };
  }

  /** The held families that the given ones do not replace: nearly always none. */
  #keptBeside(families: readonly { readonly name: string }[]): readonly HeldFamily[] {
    let replaced = 0;
    for (const { name } of families) if (this.#byName.has(name)) replaced++;
    if (replaced === this.#byName.size) return [];
    const given = new Set(families.map(({ name }) => name));
    return [...this.#byName.values()].filter(({ name }) => !given.has(name));
  }

  #linesOf(family: HeldFamily): number {
    family.lines ??= this.#countLines(family);
    return family.lines;
  }

  #countLines({ start, end }: HeldFamily): number {
    let lines = 0;
    const next = (from: number) => this.#texts.indexOf(lineFeed, from);
    for (let at = next(start); at !== -1 && at < end; at = next(at + 1)) lines++;
    return lines;
  }

  #move(family: HeldFamily, texts: Buffer, at: number): number {
    const length = this.#texts.copy(texts, at, family.start, family.end);
    family.start = at;
    family.end = at + length;
    return family.end;
  }

  #enter(
    { name, type, help, metricCount, unprinted, proto, version }: GivenFamily,
    start: number,
    end: number,
  ) {
    const held = this.#byName.get(name);
    if (held === undefined) {
      const facts = { name, type, help, metricCount, unprinted, proto, version };
      this.#byName.set(name, { ...facts, start, end, lines: undefined });
      return;
    }
    held.type = type;
    // Equal strings are not the same object: keeping the old one lets the new one die young.
    if (held.help !== help) held.help = help;
    held.metricCount = metricCount;
    held.unprinted = unprinted;
    held.proto = proto;
    held.version = version;
    held.start = start;
    held.end = end;
    held.lines = undefined;
  }
}

/** The family as a push of this version brings it. */
export function givenFamily(family: AdmittedFamily, version: Version): GivenFamily {
  return {
    name: family.name,
    type: family.type,
    help: family.help,
    text: family.bytes ?? family.text,
    metricCount: family.metrics.length,
    unprinted: family.unprinted,
    proto: family.proto,
    version,
  };
}

/** The buffer in which the texts, as bytes, are one behind the other and nothing else is; undefined where they are elsewhere. */
function wholeOf(families: readonly GivenFamily[]): Buffer | undefined {
  const first = families[0]?.text;
  if (first === undefined || typeof first === "string" || first.byteOffset !== 0) return undefined;
  let end = 0;
  for (const { text } of families) {
    if (typeof text === "string" || text.buffer !== first.buffer || text.byteOffset !== end) return undefined;
    end += text.length;
  }
  return end === first.buffer.byteLength ? Buffer.from(first.buffer) : undefined;
}

/** Values grow by a digit now and then. */
function withRoom(bytes: number): number {
  return Math.ceil((bytes * 1.05) / 64) * 64;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
