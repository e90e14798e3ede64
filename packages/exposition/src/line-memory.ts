import type { Label, MetricType, SeriesHead } from "./family.ts";
import { detached } from "./family-assembly.ts";

/** A line of an earlier body, read before. */
export type KnownLine = KnownComment | KnownSample;

/** A whole HELP or TYPE line. */
export interface KnownComment extends Known {
  readonly kind: "comment";
  /** As the line spells it, which may be the name of a part: `h_count`. */
  readonly name: string;
  /** Of a HELP line. */
  readonly help: string | undefined;
  /** Of a TYPE line. */
  readonly type: MetricType | undefined;
}

/** All of a sample line that stands before its value. */
export interface KnownSample extends Known {
  readonly kind: "sample";
  readonly name: string;
  readonly labels: readonly Label[];
  /** The label that was kept apart from the others; the line means something else in a family that keeps another. */
  readonly boundName: string | undefined;
  readonly bound: number;
  readonly head: SeriesHead;
}

interface Known {
  /** A comment with its "\n", or a sample up to the blank before its value. Without blanks at the start. */
  readonly text: string;
  /** The line that came after this one the last time. */
  next: KnownLine | undefined;
}

/** What a line means, for `LineMemory` to keep. */
export type Learned = Omit<KnownComment, "next"> | Omit<KnownSample, "next" | "head">;

/** With the objects around it a line of 60 characters takes about 600 bytes, so all lines together about 10 MB. */
const MAX_LINES = 16_384;
const MAX_CHARACTERS = 2 ** 21;
const MAX_LINE = 512;
/** After as many unknown lines the rest of a body is not looked up, so that a huge one drives out little. */
const MAX_UNKNOWN = 512;
const MIN_UNKNOWN = 2;
/** Lines each body may learn whether it pays or not. */
const FREE_LINES = 1 / 4;

/**
 * Remembers what lines mean from one body to the next: jobs push the same lines again and again with other values. What
 * a line means depends on nothing but its own text and, for a sample, on whether its family keeps `le` or `quantile`
 * apart; all that depends on the body it is in (is this the second HELP line?) is for the parser to check each time.
 *
 * Only lines that were parsed without error come here, so a line that is found here can be taken as it is. Each line also
 * knows its follower, which is nearly always the next one again: comparing that takes a fourth of a look-up.
 *
 * The memory is bounded by the constants above and starts over when it is full. Learning a line takes twice as long as
 * parsing it and a look-up in vain a third of that, so they have to pay: every line recalled allows one more to be
 * learned, on top of a full memory at the start and one line every few bodies, and where nothing pays a body is soon read
 * without looking. Bodies that never repeat take up to a quarter longer that way; typical ones parse four times as fast.
 */
export class LineMemory {
  readonly #lines = new Map<string, KnownLine>();
  readonly #strings = new Map<string, string>();
  #characters = 0;
  /** The unknown lines the current body may still have. */
  #patience = MAX_UNKNOWN;
  /** The lines that may be learned before one pays. */
  #credit = MAX_LINES;
  /** Stands before the first line of every body. */
  #start = startLine();

  /** To be called before each body. Returns what stands before its first line. */
  startBody(): KnownLine {
    this.#credit = Math.min(this.#credit + FREE_LINES, MAX_LINES);
    this.#patience = Math.min(MIN_UNKNOWN + this.#credit, MAX_UNKNOWN);
    return this.#start;
  }

  get size(): number {
    return this.#lines.size;
  }

  /** False once the current body has had so many unknown lines that it is read without the memory. */
  get isOfUse(): boolean {
    return this.#patience > 0;
  }

  /** Whether a line that is new should be brought to `learn`. */
  get isLearning(): boolean {
    return this.#patience > 0 && this.#credit >= 1;
  }

  find(text: string): KnownLine | undefined {
    const line = this.#lines.get(text);
    if (line === undefined) this.#patience--;
    return line;
  }

  /** To be called for each line that was recalled. */
  paid(): void {
    if (this.#credit < MAX_LINES) this.#credit++;
  }

  /** Remembers a line that was parsed without error. Keeps no part of the body it was cut from alive. */
  learn(learned: Learned): void {
    this.#credit--;
    if (learned.text.length > MAX_LINE) return;
    if (this.#lines.size >= MAX_LINES || this.#characters > MAX_CHARACTERS) this.#forget();
    const text = detached(learned.text);
    this.#characters += text.length + (learned.kind === "comment" ? (learned.help?.length ?? 0) : 0);
    this.#lines.set(text, this.#known(text, learned));
  }

  #known(text: string, learned: Learned): KnownLine {
    const name = this.#kept(learned.name);
    if (learned.kind === "comment") return { ...learned, text, name, next: undefined };
    const labels = learned.labels.map(([label, value]): Label => [this.#kept(label), detached(value)]);
    return { ...learned, text, name, labels, head: { name, labels }, next: undefined };
  }

  /** One copy of each name, which makes comparing and hashing names cheap. */
  #kept(name: string): string {
    let kept = this.#strings.get(name);
    if (kept === undefined) {
      kept = detached(name);
      this.#strings.set(kept, kept);
    }
    return kept;
  }

  #forget(): void {
    this.#lines.clear();
    this.#strings.clear();
    this.#characters = 0;
    this.#start = startLine();
  }
}

function startLine(): KnownLine {
  return { kind: "comment", text: "", name: "", help: undefined, type: undefined, next: undefined };
}
