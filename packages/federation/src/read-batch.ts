import { promisify } from "node:util";
import { crc32, gunzip } from "node:zlib";
import { type RegionId, regionId } from "@pushfleet/store";
import { BatchError } from "./batch-error.ts";
import { lastLine, lineFeed, magic, type StateLine } from "./batch-format.ts";

/** What arrived, whole and undamaged, and not believed yet. */
export interface ReceivedBatch {
  /** Who says to have sent it. */
  readonly from: RegionId;
  /** Read anew each time they are gone through: a state that nobody holds any more takes no memory but its bytes. */
  readonly states: Iterable<ReceivedState>;
}

export interface ReceivedState {
  readonly line: StateLine;
  /** Of each family in `line`, in that order: parts of one buffer. */
  readonly contents: readonly Uint8Array[];
}

/** Bytes of a batch when decompressed. A group that is larger travels in parts, a family cannot. */
export const maxBatchBytes = 64 * 1024 * 1024;

/** More than a federator puts in a batch. Each costs more than its bytes. */
export const maxStates = 10_000;

const decompress = promisify(gunzip);

/** Reads what `encodeBatch` made. Rejects BatchError. Never more than `maxBytes` come out of the compressed bytes. */
export async function decodeBatch(
  body: Uint8Array,
  { maxBytes = maxBatchBytes } = {},
): Promise<ReceivedBatch> {
  return readBatch(await inflated(body, maxBytes));
}

async function inflated(body: Uint8Array, maxBytes: number): Promise<Buffer> {
  if (body[0] !== 0x1f || body[1] !== 0x8b)
    throw new BatchError("not-a-batch", "this is no batch: it is not in gzip");
  try {
    return await decompress(body, { maxOutputLength: maxBytes });
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ERR_BUFFER_TOO_LARGE") {
      throw new BatchError("too-large", `the batch is larger than ${maxBytes} bytes`, { cause });
    }
    if (code === "Z_BUF_ERROR") throw new BatchError("truncated", "the batch ends too early", { cause });
    throw new BatchError("corrupt", "the batch is damaged", { cause });
  }
}

/** The checksum comes first: what it does not fit is not looked at. */
function readBatch(bytes: Buffer): ReceivedBatch {
  if (bytes.toString("latin1", 0, magic.length) !== magic) {
    throw new BatchError("not-a-batch", `this is no batch: it does not start with "${magic.trim()}"`);
  }
  const end = bytes.lastIndexOf(lineFeed, -2) + 1;
  const last = bytes.toString("latin1", end);
  const [, count] = /^end (\d{1,9}) [0-9a-f]{8}\n$/.exec(last) ?? [];
  if (count === undefined) throw new BatchError("truncated", "the batch ends too early");
  const content = bytes.subarray(0, end);
  if (last !== lastLine(Number(count), crc32(content))) {
    throw new BatchError("corrupt", "the batch is damaged: its checksum is another one");
  }
  const head = new BatchReader(content, 0);
  const from = regionId(head.line().slice(magic.length));
  if (from === undefined) throw malformed("it does not tell its region");
  const states = { [Symbol.iterator]: () => new BatchReader(content, head.position).states() };
  requireCount(states, Number(count));
  return { from, states };
}

/** Goes through all states, so that nothing is used of a batch of which a part cannot be read. */
function requireCount(states: Iterable<ReceivedState>, count: number): void {
  if (count > maxStates) throw malformed(`it has more than ${maxStates} states`);
  let found = 0;
  for (const _ of states) {
    found++;
    if (found > count) break;
  }
  if (found !== count) throw malformed(`it has not the ${count} states it says`);
}

class BatchReader {
  readonly #bytes: Buffer;
  #position: number;

  constructor(bytes: Buffer, position: number) {
    this.#bytes = bytes;
    this.#position = position;
  }

  /** Where what was not read yet begins. */
  get position(): number {
    return this.#position;
  }

  /** Those from here to the end. */
  *states(): Generator<ReceivedState> {
    while (this.#position < this.#bytes.length) yield this.#state();
  }

  /** Without the line feed at its end. */
  line(): string {
    const end = this.#bytes.indexOf(lineFeed, this.#position);
    if (end === -1) throw malformed("a line has no end");
    const text = this.#bytes.toString("utf8", this.#position, end);
    this.#position = end + 1;
    return text;
  }

  #state(): ReceivedState {
    const line = stateLine(this.line());
    const contents = line.families.map(({ text, proto }) => this.#content(text + proto));
    if (this.#bytes[this.#position] !== lineFeed) throw malformed("a state is longer than it says");
    this.#position++;
    return { line, contents };
  }

  #content(length: number): Uint8Array {
    const start = this.#position;
    this.#position += length;
    if (this.#position >= this.#bytes.length) throw malformed("a state is shorter than it says");
    return this.#bytes.subarray(start, this.#position);
  }
}

function stateLine(text: string): StateLine {
  const line = parsed(text);
  if (!isObject(line) || typeof line["id"] !== "string" || !Array.isArray(line["families"])) {
    throw malformed("a line tells of no state");
  }
  if (!line["families"].every(isFamilyLine)) throw malformed("a line tells of a family without its length");
  return line as StateLine; // as was found out
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BatchError("malformed", "the batch is malformed: a line is not JSON", { cause });
  }
}

/** A family has a text or a message, never both. */
function isFamilyLine(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { text, proto } = value;
  return isLength(text) && isLength(proto) && (text === 0 || proto === 0);
}

function isLength(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function malformed(why: string): BatchError {
  return new BatchError("malformed", `the batch is malformed: ${why}`);
}
