import { Transform, type TransformCallback } from "node:stream";

/** So much of metrics is kept; a line beyond it is dropped. */
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
  #isPassing = false;
  #keptBytes = 0;

  constructor(prefix: string) {
    super();
    this.#prefix = Buffer.from(prefix);
  }

  /** What stood behind the prefix, in order. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let rest = this.#open.length === 0 ? chunk : Buffer.concat([this.#open, chunk]);
    for (;;) {
      if (rest.length === 0 || (!this.#isPassing && this.#isPartOfPrefix(rest))) break;
      const end = rest.indexOf(lineFeed);
      const line = end === -1 ? rest : rest.subarray(0, end + 1);
      if (!this.#isPassing && this.#begins(rest)) {
        if (end === -1 && rest.length <= mostBytes) break;
        this.#keep(line);
      } else {
        this.push(line);
        this.#isPassing = end === -1;
      }
      rest = rest.subarray(line.length);
    }
    this.#open = rest;
    done();
  }

  override _flush(done: TransformCallback): void {
    if (this.#begins(this.#open)) this.#keep(this.#open);
    else if (this.#open.length > 0) this.push(this.#open);
    done();
  }

  #isPartOfPrefix(bytes: Buffer): boolean {
    return bytes.length < this.#prefix.length && this.#prefix.subarray(0, bytes.length).equals(bytes);
  }

  #begins(bytes: Buffer): boolean {
    return bytes.length >= this.#prefix.length && bytes.subarray(0, this.#prefix.length).equals(this.#prefix);
  }

  #keep(line: Buffer): void {
    this.#keptBytes += line.length;
    if (this.#keptBytes <= mostBytes) {
      this.#lines.push(
        line
          .subarray(this.#prefix.length)
          .toString()
          .replace(/\r?\n$/, ""),
      );
    }
  }
}
