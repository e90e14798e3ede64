import { promisify } from "node:util";
import { gzip as gzipCallback } from "node:zlib";
import { atOnce, type EscapingScheme, encodeMetrics, familyPrefix, parseText } from "@pushfleet/exposition";
import { Block } from "./block.ts";
import { appendCrc } from "./crc32.ts";
import { escapeFamilies } from "./escaping.ts";
import type { ListedFamily } from "./listed-family.ts";
import type { OriginLabel } from "./origin.ts";
import { joinSmall, Pieces } from "./pieces.ts";
import { TimeSlices } from "./time-slices.ts";

export interface RenderRequest {
  readonly encoding: "text" | "protobuf";
  readonly escaping: EscapingScheme;
  readonly gzip: boolean;
  /** Further families, as text, to put after the pushed ones; the names in it must be others. Protobuf repeats it in kind. */
  readonly tail?: string | undefined;
}

/** A gzip member without its end. */
interface OpenGzip {
  readonly pieces: readonly Buffer[];
  readonly crc: number;
  readonly length: number;
}

/** RFC 1952 §2.3: no name, no time, fastest algorithm, unknown system. */
const GZIP_HEADER = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 0xff];

/** Milliseconds of work on a body after which pushes get their turn. */
const sliceMs = 3;

const gzip = promisify(gzipCallback);

/**
 * All families at one moment, in every form a scrape can ask for. Each form is made once, from blocks shared with earlier
 * and later listings, and kept for further scrapes of the same moment.
 */
export class Listing {
  readonly #families: readonly ListedFamily[];
  readonly #originLabel: OriginLabel | undefined;
  readonly #made = new Map<string, Promise<unknown>>();

  /** @param families Sorted by name. */
  constructor(families: readonly ListedFamily[], originLabel?: OriginLabel) {
    this.#families = families;
    this.#originLabel = originLabel;
  }

  /** The body of the response, in buffers to be written one after another and never changed. */
  async render({ encoding, escaping, gzip: isGzip, tail = "" }: RenderRequest): Promise<readonly Buffer[]> {
    if (encoding === "protobuf") {
      if (!isGzip) return [...(await this.#protobuf(escaping)), ...encodeTail(tail)];
      if (tail === "")
        return this.#once(`protobuf gzip ${escaping}`, async () => gzipWhole(await this.#protobuf(escaping)));
      return gzipWhole([...(await this.#protobuf(escaping)), ...encodeTail(tail)]);
    }
    if (isGzip) return closeGzip(await this.#gzip(escaping), tail);
    const pieces = await this.#plain(escaping);
    return tail === "" ? pieces : [...pieces, Buffer.from(tail)];
  }

  #plain(escaping: EscapingScheme): Promise<readonly Buffer[]> {
    return this.#once(`text ${escaping}`, async () => {
      const buffers: Buffer[] = [];
      for (const { bytes } of blocksOf(await this.#escaped(escaping))) buffers.push(bytes);
      return joinSmall(buffers);
    });
  }

  #gzip(escaping: EscapingScheme): Promise<OpenGzip> {
    return this.#once(`text gzip ${escaping}`, async () => {
      const pieces = new Pieces();
      const slices = new TimeSlices(sliceMs);
      pieces.take({ buffer: Buffer.from(GZIP_HEADER), start: 0, length: GZIP_HEADER.length });
      let crc = 0;
      let length = 0;
      for (const block of blocksOf(await this.#escaped(escaping))) {
        const packed = block.packed ?? (await slices.run(block.pack()));
        pieces.take(packed.segment);
        crc = appendCrc(crc, packed);
        length += packed.length;
        const pause = slices.next();
        if (pause !== undefined) await pause;
      }
      return { pieces: pieces.finish(), crc, length };
    });
  }

  #protobuf(escaping: EscapingScheme): Promise<readonly Buffer[]> {
    return this.#once(`protobuf ${escaping}`, async () => {
      const buffers: Buffer[] = [];
      const slices = new TimeSlices(sliceMs);
      for (const family of await this.#escaped(escaping)) {
        const fields: Buffer[] = [];
        for (const chunk of family.chunks) {
          fields.push(chunk.metricFields ?? (await slices.run(chunk.encode())));
          const pause = slices.next();
          if (pause !== undefined) await pause;
        }
        const length = fields.reduce((sum, { byteLength }) => sum + byteLength, 0);
        buffers.push(asBuffer(familyPrefix(family, length)), ...fields);
      }
      return joinSmall(buffers);
    });
  }

  async #escaped(escaping: EscapingScheme): Promise<readonly ListedFamily[]> {
    return escapeFamilies(await this.#labelled(), escaping);
  }

  async #labelled(): Promise<readonly ListedFamily[]> {
    const label = this.#originLabel;
    if (label === undefined) return this.#families;
    return this.#once("labelled", () => new TimeSlices(sliceMs).run(label.put(this.#families)));
  }

  #once<T>(form: string, make: () => Promise<T>): Promise<T> {
    const known = this.#made.get(form);
    if (known !== undefined) return known as Promise<T>; // each form is made in one place, with one type
    const made = make();
    this.#made.set(form, made);
    made.catch(() => this.#made.delete(form));
    return made;
  }
}

/** Adds the tail, an empty final block (RFC 1951 §3.2.6), the CRC-32 and the length modulo 2^32. */
function closeGzip(open: OpenGzip, tail: string): readonly Buffer[] {
  const end = new Pieces();
  let { crc, length } = open;
  if (tail !== "") {
    const packed = atOnce(new Block(Buffer.from(tail)).pack());
    end.take(packed.segment);
    crc = appendCrc(crc, packed);
    length += packed.length;
  }
  const trailer = Buffer.alloc(10);
  trailer.writeUInt16LE(0x0003, 0);
  trailer.writeUInt32LE(crc, 2);
  trailer.writeUInt32LE(length % 2 ** 32, 6);
  return [...open.pieces, ...end.finish(), trailer];
}

function* blocksOf(families: readonly ListedFamily[]): Generator<Block> {
  for (const family of families) {
    yield family.header;
    for (const chunk of family.chunks) yield chunk.block;
  }
}

function encodeTail(tail: string): readonly Buffer[] {
  return parseText(Buffer.from(tail), { names: "utf8" }).map((family) => {
    const metrics = encodeMetrics(family.type, family.metrics);
    return Buffer.concat([familyPrefix(family, metrics.length), metrics]);
  });
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

async function gzipWhole(pieces: readonly Buffer[]): Promise<readonly Buffer[]> {
  return [await gzip(Buffer.concat(pieces), { level: 1 })];
}
