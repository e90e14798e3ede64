import type { Family, Label, MetricType } from "./family.ts";
import { detached, FamilyAssembly, isHistogram, type OpenFamily, type Series } from "./family-assembly.ts";
import { parseFloatText } from "./floats.ts";
import { type ContentLimits, LimitExceeded, noLimits, shown } from "./limits.ts";
import { type KnownComment, type KnownLine, type KnownSample, LineMemory } from "./line-memory.ts";
import { isLegacyLabelName, isLegacyMetricName, type NameScheme } from "./names.ts";
import { quoteByte, quoteBytes, quoteText } from "./quote.ts";
import { atOnce, type Steps } from "./steps.ts";
import { Byte, isBlank, TextScanner } from "./text-scanner.ts";

/**
 * Reads a body in text format 0.0.4. It takes and refuses what prometheus/common's TextParser does, with the same
 * messages; the samples of a family may be apart, and a family without samples is dropped. It differs where upstream
 *  - refuses blanks at the end of a sample or TYPE line: they are accepted;
 *  - takes `{a="b"} 1` for more of the metric on the line before: it is refused as "invalid metric name";
 *  - casts a negative or huge count of a summary in the processor's way: it becomes the nearest count;
 *  - keeps invalid UTF-8 in a help text: it is replaced by U+FFFD.
 *
 * Families, metrics and labels keep the order of the body. Label names are unique within a metric; label sets within a
 * family need not be.
 *
 * @throws ExpositionError with the line, or LimitExceeded at the first thing that is too much
 */
export function parseText(body: Uint8Array, options: { names: NameScheme }, limits = noLimits): Family[] {
  return atOnce(parseTextInSteps(body, options, limits));
}

/** `parseText` that can wait. The body must not change meanwhile. */
export function parseTextInSteps(
  body: Uint8Array,
  options: { names: NameScheme },
  limits = noLimits,
): Steps<Family[]> {
  return parseInWindows(body, { ...options, limits, memory: undefined });
}

/** A parser that does the same as `parseText` and remembers lines between bodies: see `LineMemory`. */
export function createTextParser(options: {
  names: NameScheme;
}): (body: Uint8Array, limits?: ContentLimits) => Family[] {
  const memory = new LineMemory();
  return (body, limits = noLimits) => atOnce(parseLines(body, { ...options, limits, memory }));
}

interface ParseOptions {
  readonly names: NameScheme;
  readonly limits: ContentLimits;
  readonly memory: LineMemory | undefined;
}

function* parseLines(body: Uint8Array, options: ParseOptions): Steps<Family[]> {
  const assembly = new FamilyAssembly(options.limits);
  yield* readLines(new TextScanner(body), assembly, options);
  return assembly.families();
}

/** Whole lines that are made into a string at a time: with 32 MiB at once that takes up to 50 ms. */
const BYTES_IN_WINDOW = 1024 * 1024;

function* parseInWindows(body: Uint8Array, options: ParseOptions): Steps<Family[]> {
  const assembly = new FamilyAssembly(options.limits);
  let linesBefore = 0;
  for (let start = 0; start < body.length; ) {
    const lineFeed = body.indexOf(Byte.lineFeed, start + BYTES_IN_WINDOW);
    const end = lineFeed === -1 ? body.length : lineFeed + 1;
    const scanner = new TextScanner(body.subarray(start, end), linesBefore);
    yield* readLines(scanner, assembly, options);
    // It has gone to the line behind the last one.
    linesBefore = scanner.line - 1;
    start = end;
    yield;
  }
  return assembly.families();
}

function* readLines(scanner: TextScanner, assembly: FamilyAssembly, options: ParseOptions): Steps<void> {
  const lines = new LineParser(scanner, assembly, options);
  let stepEnd = BYTES_IN_STEP;
  while (scanner.nextLine()) {
    if (scanner.lineStart > stepEnd) {
      stepEnd = scanner.lineStart + BYTES_IN_STEP;
      yield;
    }
    lines.parseLine();
  }
}

/** A hundred or two lines. */
const BYTES_IN_STEP = 16_384;

/** From this many on, a repeated label name is found by a set instead of a walk over them all. */
const MANY_LABELS = 16;

class LineParser {
  readonly #scanner: TextScanner;
  readonly #assembly: FamilyAssembly;
  readonly #names: NameScheme;
  readonly #limits: ContentLimits;
  /** A line of no more characters than these has no name, value or help that is too long. */
  readonly #surelyShort: number;
  /** The number in `le` or `quantile` of the current line; NaN when there is none. */
  #bound = Number.NaN;
  /** The label names of the current line once there are many. */
  #manyNames: Set<string> | undefined;

  /** The name of the current line's series. */
  #name = "";
  readonly #memory: LineMemory | undefined;
  /** The line before this one, when there is a memory. */
  #previous: KnownLine | undefined;
  /** What the memory has of the current line. */
  #recalled: KnownLine | undefined;

  constructor(scanner: TextScanner, assembly: FamilyAssembly, { names, limits, memory }: ParseOptions) {
    this.#scanner = scanner;
    this.#assembly = assembly;
    this.#names = names;
    this.#limits = limits;
    this.#surelyShort = Math.min(
      limits["push.max-metric-name-length"],
      limits["push.max-help-length"],
      limits["push.max-label-name-length"],
      limits["push.max-label-value-length"],
    );
    this.#memory = memory;
    this.#previous = memory?.startBody();
  }

  /** Parses the line the scanner has just gone to. */
  parseLine(): void {
    if (this.#memory?.isOfUse && this.#recall(this.#memory)) return;
    this.#scanner.openLine();
    const code = this.#scanner.peek();
    if (code === Byte.lineFeed) return;
    if (code === Byte.hash) this.#parseComment();
    else this.#parseSample(code);
  }

  /** Takes the line from memory; false, and nothing has happened, when it is not there or not as plain as it was. */
  #recall(memory: LineMemory): boolean {
    const expected = this.#previous?.next;
    let line = expected;
    if (line === undefined || !this.#scanner.startsWith(line.text))
      line = memory.find(this.#scanner.fixedText());
    this.#recalled = line;
    if (line === undefined || line.text.length > this.#surelyShort) return false;
    if (!(line.kind === "sample" ? this.#addKnownSample(line) : this.#addKnownComment(line))) return false;
    if (line !== expected && this.#previous !== undefined) this.#previous.next = line;
    this.#previous = line;
    memory.paid();
    return true;
  }

  #addKnownComment({ text, name, help, type }: KnownComment): boolean {
    const { family } = this.#assembly.seriesNamed(name, true);
    if (help !== undefined) {
      if (family.help !== undefined) return false;
      family.help = help;
    } else {
      if (family.type !== undefined) return false;
      family.type = type;
    }
    this.#scanner.passLine(text.length);
    return true;
  }

  #addKnownSample(line: KnownSample): boolean {
    if (line.labels.length > this.#limits["push.max-labels"]) return false;
    const value = this.#scanner.passValue(line.text.length);
    if (value === undefined) return false;
    const series = this.#assembly.seriesNamed(line.name, true);
    const { family } = series;
    family.type ??= "untyped";
    if (line.boundName !== boundName(family.type)) return false;
    if (value < 0 && isHistogram(family.type)) return false;
    this.#assembly.add(series, line, value);
    return true;
  }

  #parseComment(): void {
    const scanner = this.#scanner;
    scanner.skip();
    scanner.skipBlanks();
    const keyword = scanner.readToken();
    if (keyword !== "HELP" && keyword !== "TYPE") {
      scanner.skipLine();
      return;
    }

    scanner.skipBlanks();
    scanner.peek();
    const nameBytes = scanner.readName("metric name");
    const code = scanner.peek();
    if (code === Byte.lineFeed) return;
    if (!isBlank(code)) throw scanner.error("invalid metric name in comment");
    const { family } = this.#seriesNamed(nameBytes);
    scanner.skipBlanks();
    if (scanner.peek() === Byte.lineFeed) return;
    if (keyword === "HELP") this.#parseHelp(family);
    else this.#parseType(family);
  }

  #parseHelp(family: OpenFamily): void {
    if (family.help !== undefined) {
      throw this.#scanner.error(`second HELP line for metric name ${quoteText(family.name)}`);
    }
    const bytes = this.#scanner.readHelp();
    if (bytes.length > this.#limits["push.max-help-length"]) {
      throw this.#exceeded("push.max-help-length", shown(family.name));
    }
    family.help = detached(this.#scanner.text(bytes) ?? Buffer.from(bytes, "latin1").toString("utf8"));
    this.#learnComment(family.help, undefined);
  }

  #parseType(family: OpenFamily): void {
    if (family.type !== undefined) {
      throw this.#scanner.error(
        `second TYPE line for metric name ${quoteText(family.name)}, or TYPE reported after samples`,
      );
    }
    const bytes = this.#scanner.readRestOfLine();
    family.type = typeNamed(bytes);
    if (family.type === undefined) throw this.#scanner.error(`unknown metric type ${quoteBytes(bytes)}`);
    this.#learnComment(undefined, family.type);
  }

  #learnComment(help: string | undefined, type: MetricType | undefined): void {
    if (!this.#memory?.isLearning || !this.#scanner.isAscii) return;
    const text = this.#scanner.fixedText();
    this.#memory.learn({ kind: "comment", text, name: this.#name, help, type });
  }

  #parseSample(first: number): void {
    const scanner = this.#scanner;
    this.#bound = Number.NaN;
    if (first === Byte.openBrace) {
      const labels: Label[] = [];
      this.#parseValue(this.#parseBraces(undefined, labels), labels);
      return;
    }

    const nameBytes = scanner.readName("metric name");
    scanner.peek();
    if (nameBytes === "") throw scanner.error("invalid metric name");
    const series = this.#sampledSeries(nameBytes);
    scanner.skipBlanks();
    const labels: Label[] = [];
    if (scanner.peek() === Byte.openBrace) this.#parseBraces(series, labels);
    this.#parseValue(series, labels);
  }

  /**
   * From the opening brace past the closing one and the blanks after it, filling `labels`. A series that was not named
   * before the braces has its name within them: `{"my.metric",a="b"}`. Returns the series.
   */
  #parseBraces(before: Series | undefined, labels: Label[]): Series {
    const scanner = this.#scanner;
    let series = before;
    for (let code: number = Byte.openBrace; code !== Byte.closeBrace; ) {
      scanner.skip();
      scanner.skipBlanks();
      code = scanner.peek();
      if (code === Byte.closeBrace) break;

      const nameBytes = scanner.readName("label name");
      scanner.peek();
      if (nameBytes === "") {
        throw scanner.error(`invalid label name for metric ${nameOf(series)}`);
      }
      scanner.skipBlanks();
      code = scanner.peek();
      if (code === Byte.equals) {
        code = this.#parseLabel(nameBytes, series, labels);
        continue;
      }

      if (before !== undefined) {
        throw scanner.error(`expected '=' after label name, found ${quoteByte(code)}`);
      }
      if (series !== undefined) throw scanner.error(`multiple metric names for metric ${nameOf(series)}`);
      if (code !== Byte.comma && code !== Byte.closeBrace) {
        throw scanner.error(`unexpected end of metric name ${quoteByte(code)}`);
      }
      series = this.#sampledSeries(nameBytes);
      this.#takeBound(series.family, labels);
    }
    if (series === undefined) throw scanner.error("invalid metric name");
    scanner.skip();
    scanner.skipBlanks();
    return series;
  }

  /** From the equals sign to the comma or brace behind the value, which is returned. */
  #parseLabel(nameBytes: string, series: Series | undefined, labels: Label[]): number {
    const scanner = this.#scanner;
    if (nameBytes === "__name__") throw scanner.error('label name "__name__" is reserved');
    if (nameBytes.length > this.#limits["push.max-label-name-length"]) {
      throw this.#exceeded("push.max-label-name-length", `${shownBytes(nameBytes)} of ${shownName(series)}`);
    }
    const name = scanner.nameWasQuoted ? this.#labelName(nameBytes) : nameBytes;
    const isBound = name === boundName(series?.family.type);
    if (!isBound && this.#isRepeated(name, labels)) {
      throw scanner.error(`duplicate label names for metric ${nameOf(series)}`);
    }

    scanner.skip();
    scanner.skipBlanks();
    const opening = scanner.peek();
    if (opening !== Byte.quote) {
      throw scanner.error(`expected '"' at start of label value, found ${quoteByte(opening)}`);
    }
    const bytes = scanner.readLabelValue();
    if (bytes.length > this.#limits["push.max-label-value-length"]) {
      throw this.#exceeded("push.max-label-value-length", `${shown(name)} of ${shownName(series)}`);
    }
    const value = scanner.text(bytes);
    if (value === undefined) throw scanner.error(`invalid label value ${quoteBytes(bytes)}`);
    if (isBound) this.#bound = this.#parseBound(name, value);
    else if (labels.length < this.#limits["push.max-labels"]) labels.push([name, value]);
    else throw this.#exceeded("push.max-labels", shownName(series));

    scanner.skipBlanks();
    const code = scanner.peek();
    if (code !== Byte.comma && code !== Byte.closeBrace) {
      throw scanner.error(`unexpected end of label value ${quoteText(value)}`);
    }
    return code;
  }

  #isRepeated(name: string, labels: readonly Label[]): boolean {
    if (labels.length < MANY_LABELS) return labels.some((label) => label[0] === name);
    if (labels.length === MANY_LABELS) this.#manyNames = undefined;
    this.#manyNames ??= new Set(labels.map((label) => label[0]));
    const { size } = this.#manyNames;
    return this.#manyNames.add(name).size === size;
  }

  /** Where the metric name stands after labels, the bound may be among those. */
  #takeBound(family: OpenFamily, labels: Label[]): void {
    const bound = boundName(family.type);
    const index = labels.findIndex(([name]) => name === bound);
    if (index < 0) return;
    for (const [name, value] of labels.splice(index, 1)) this.#bound = this.#parseBound(name, value);
  }

  #parseBound(name: string, value: string): number {
    const bound = parseFloatText(value);
    if (bound !== undefined) return bound;
    throw this.#scanner.error(`expected float as value for '${name}' label, got ${quoteText(value)}`);
  }

  #parseValue(series: Series, labels: readonly Label[]): void {
    const { family } = series;
    const text = this.#memory?.isLearning && this.#scanner.isAscii ? this.#scanner.readSoFar() : "";
    const value = this.#scanner.readValue();
    if (value < 0 && isHistogram(family.type)) this.#refuseCount(series);
    const timestampMs = this.#scanner.readTimestamp();
    this.#assembly.add(series, { labels, bound: this.#bound }, value, timestampMs);

    // Without the blank, it would not be looked for.
    if (isBlank(text.charCodeAt(text.length - 1))) this.#learnSample(text, family, labels);
  }

  #learnSample(text: string, family: OpenFamily, labels: readonly Label[]): void {
    const keptApart = boundName(family.type);
    const recalled = this.#recalled;
    // Known already: the line was only unusual behind the text.
    if (recalled?.kind === "sample" && recalled.boundName === keptApart) return;
    const [name, bound] = [this.#name, this.#bound];
    this.#memory?.learn({ kind: "sample", text, name, labels, boundName: keptApart, bound });
  }

  /** A histogram's numbers other than the sum cannot be negative. */
  #refuseCount(series: Series): void {
    const name = nameOf(series);
    if (series.role === "count") throw this.#scanner.error(`negative count for histogram ${name}`);
    if (series.role !== "sum" && !Number.isNaN(this.#bound)) {
      throw this.#scanner.error(`negative bucket population for histogram ${name}`);
    }
  }

  /** The series, whose family is untyped from now on if its type is not known yet. */
  #sampledSeries(nameBytes: string): Series {
    const series = this.#seriesNamed(nameBytes);
    series.family.type ??= "untyped";
    return series;
  }

  #seriesNamed(nameBytes: string): Series {
    if (nameBytes.length > this.#limits["push.max-metric-name-length"]) {
      throw this.#exceeded("push.max-metric-name-length", shownBytes(nameBytes));
    }
    if (!this.#scanner.nameWasQuoted) {
      this.#name = nameBytes;
      return this.#assembly.seriesNamed(nameBytes, false);
    }
    const name = this.#scanner.text(nameBytes);
    if (!name || (this.#names === "legacy" && !isLegacyMetricName(name))) {
      throw this.#scanner.error(`invalid metric name ${quoteBytes(nameBytes)}`);
    }
    this.#name = name;
    return this.#assembly.seriesNamed(name, false);
  }

  /** The text of a label name that was quoted. */
  #labelName(bytes: string): string {
    const name = this.#scanner.text(bytes);
    if (name === undefined || (this.#names === "legacy" && !isLegacyLabelName(name))) {
      throw this.#scanner.error(`invalid label name ${quoteBytes(bytes)}`);
    }
    return name;
  }

  #exceeded(limit: keyof ContentLimits, offender: string): LimitExceeded {
    return new LimitExceeded(limit, { value: this.#limits[limit], offender });
  }
}

/** The name of the family of the series, where it is known already. */
function shownName(series: Series | undefined): string {
  return shown(series?.family.name ?? "");
}

/** A long name whose bytes these are. */
function shownBytes(bytes: string): string {
  return shown(Buffer.from(bytes.slice(0, 512), "latin1").toString("utf8"));
}

/** The label that upstream keeps apart from the others in a family of this type. */
function boundName(type: MetricType | undefined): "quantile" | "le" | undefined {
  if (type === "summary") return "quantile";
  return isHistogram(type) ? "le" : undefined;
}

function nameOf(series: Series | undefined): string {
  return quoteText(series?.family.name ?? "");
}

function typeNamed(bytes: string): MetricType | undefined {
  const name = bytes.toLowerCase();
  switch (name) {
    case "counter":
    case "gauge":
    case "summary":
    case "untyped":
    case "histogram":
    case "gaugehistogram":
      return name;
    case "gauge_histogram":
      return "gaugehistogram";
    default:
      return undefined;
  }
}
