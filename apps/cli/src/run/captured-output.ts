import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { MetricLines } from "./metric-lines.ts";

/** What the command has written is there at once: no more than this fits between it and us. */
const mostOnTheWay = 4 * 1024 * 1024;
const lookMs = 10;

/** The output of a command, which passes on but for the lines with metrics. */
export class CapturedOutput {
  readonly #from: Readable;
  readonly #metricLines: MetricLines;
  readonly #to: Writable;
  readonly #passed: Promise<void>;
  #isPassed = false;
  #bytes = 0;

  constructor(from: Readable, to: Writable, prefix: string) {
    this.#from = from;
    this.#to = to;
    this.#metricLines = new MetricLines(prefix);
    from.on("data", (chunk: Buffer) => {
      this.#bytes += chunk.length;
    });
    // When nobody reads our output any more, the command gets to know by its own.
    this.#passed = pipeline(from, this.#metricLines, to, { end: false })
      .catch(() => {})
      .finally(() => {
        this.#isPassed = true;
      });
  }

  /**
   * To be called once the command has ended. Resolves when what it wrote has passed, however slowly that is read: without us it would
   * have waited as long. Or when the signal aborts; the rest is lost then. What the command has left running may keep its output
   * open for ever: it is waited for so many milliseconds.
   */
  async passed({
    forOthersMs,
    signal,
  }: {
    readonly forOthersMs: number;
    readonly signal: AbortSignal;
  }): Promise<void> {
    const atEnd = this.#bytes;
    await Promise.race([this.#passed, pause(forOthersMs, signal)]);
    for (let before = -1; this.#isHeldUp() || (!this.#isPassed && this.#bytes > before); ) {
      if (signal.aborted || this.#bytes - atEnd > mostOnTheWay) break;
      before = this.#bytes;
      await pause(lookMs, signal);
    }
    this.#from.destroy();
  }

  /** What stood behind the prefix, in order, and how many such lines were too much. */
  get metricLines(): Pick<MetricLines, "lines" | "dropped"> {
    return this.#metricLines;
  }

  #isHeldUp(): boolean {
    if (!this.#to.writable) return false;
    const { writableLength, readableLength } = this.#metricLines;
    return this.#to.writableLength + (this.#isPassed ? 0 : writableLength + readableLength) > 0;
  }
}

/** Ends early when the signal aborts. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal }).catch(() => {});
}
