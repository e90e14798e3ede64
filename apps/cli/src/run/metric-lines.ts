import { Transform, type TransformCallback } from "node:stream";

/** So much of metrics is kept; lines beyond it are dropped. */
const mostBytes = 4 * 1024 * 1024;
const lineFeed = 0x0a;

/**
 * Lets a command's output pass byte by byte, but for the lines that begin with the prefix: those are kept. What cannot become such
 * a line any more passes at once, so that questions without a line feed are seen.
 */
export class MetricLines extends Transform {
  readonly #prefix: Buffer;
  readonly #lines: string[] = [];
  /** What is not decided yet: a line that begins like the prefix. */
  #open: Buffer = Buffer.alloc(0);
  /** What the line is of which the beginning has gone already. */
  #begun: "metric" | "passing" | undefined;
  #keptBytes = 0;
  #dropped = 0;

  constructor(prefix: string) {
    super();
    this.#prefix = Buffer.from(prefix);
  }

  /** What stood behind the prefix, in order. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** How many lines with the prefix were too much. */
  get dropped(): number {
    return this.#dropped;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let rest = this.#open.length === 0 ? chunk : Buffer.concat([this.#open, chunk]);
    const passing: Buffer[] = [];
    while (rest.length > 0) {
      const kind = this.#begun ?? this.#kindOf(rest);
      if (kind === undefined) break;
      const end = rest.indexOf(lineFeed);
      const line = end === -1 ? rest : rest.subarray(0, end + 1);
      if (kind === "passing") passing.push(line);
      else if (this.#begun === undefined) {
        // Not whole yet, and not too long.
        if (end === -1 && rest.length <= mostBytes) break;
        this.#keep(line);
      }
      this.#begun = end === -1 ? kind : undefined;
      rest = rest.subarray(line.length);
    }
    this.#open = rest;
    // At once: each piece costs whoever writes it a system call.
    if (passing.length > 0) this.push(Buffer.concat(passing));
    done();
  }

  override _flush(done: TransformCallback): void {
    if (this.#begins(this.#open)) this.#keep(this.#open);
    else if (this.#open.length > 0) this.push(this.#open);
    done();
  }

  /** Undefined while more has to be seen. */
  #kindOf(bytes: Buffer): "metric" | "passing" | undefined {
    if (this.#begins(bytes)) return "metric";
    return this.#prefix.subarray(0, bytes.length).equals(bytes) ? undefined : "passing";
  }

  #begins(bytes: Buffer): boolean {
    return bytes.length >= this.#prefix.length && bytes.subarray(0, this.#prefix.length).equals(this.#prefix);
  }

  #keep(line: Buffer): void {
    if (this.#keptBytes + line.length > mostBytes) {
      this.#dropped++;
      return;
    }
    this.#keptBytes += line.length;
    const text = line.subarray(this.#prefix.length).toString();
    this.#lines.push(text.replace(/\r?\n$/, ""));
  }
}
