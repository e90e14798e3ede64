import { promisify } from "node:util";
import { crc32, gzip } from "node:zlib";
import {
  type Event,
  formatVersion,
  type Life,
  type RegionId,
  type ShippedFamily,
  type Version,
  type VersionedGroup,
} from "@pushfleet/store";
import { lastLine, lineFeed, magic } from "./batch-format.ts";

const compress = promisify(gzip);

/** Makes the body of a POST of states, one state after the other, from the region with this id. */
export class BatchWriter {
  readonly #pieces: Uint8Array[];
  #count = 0;

  constructor(from: RegionId) {
    this.#pieces = [Buffer.from(`${magic}${from}\n`)];
  }

  /** The contents of its families must not change until the batch is finished. */
  add(state: VersionedGroup<ShippedFamily>): void {
    this.#pieces.push(Buffer.from(`${JSON.stringify(writtenState(state))}\n`));
    for (const { family } of state.families) this.#pieces.push(contentOf(family));
    this.#pieces.push(separator);
    this.#count++;
  }

  /** Most of the work is done in another thread. Nothing can be added any more. */
  finish(): Promise<Buffer> {
    const content = Buffer.concat(this.#pieces);
    const last = Buffer.from(lastLine(this.#count, crc32(content)));
    // Level 1: most of what can be saved for a third of the time.
    return compress(Buffer.concat([content, last]), { level: 1 });
  }
}

/** The body of a POST of these states. */
export function encodeBatch(
  from: RegionId,
  states: readonly VersionedGroup<ShippedFamily>[],
): Promise<Buffer> {
  const writer = new BatchWriter(from);
  for (const state of states) writer.add(state);
  return writer.finish();
}

/** Bytes that the state takes in a batch, about: for those who put batches together. */
export function stateSize(state: VersionedGroup<ShippedFamily>): number {
  let size = lineSize;
  for (const { family } of state.families) size += familySize(family);
  return size;
}

/**
 * States that say together what the one does, none of them larger than that unless one family is. A reader may see some of them
 * before the others are there, so it is for groups that could not travel otherwise.
 */
export function splitState(
  state: VersionedGroup<ShippedFamily>,
  maxBytes: number,
): readonly VersionedGroup<ShippedFamily>[] {
  if (stateSize(state) <= maxBytes) return [state];
  const parts: ShippedFamily[][] = [];
  let room = 0;
  for (const family of state.families) {
    const size = familySize(family.family);
    if (size > room) {
      parts.push([]);
      room = maxBytes;
    }
    parts.at(-1)?.push(family);
    room -= size;
  }
  return parts.map((families) => ({ ...state, families }));
}

/** What a line says beside labels, names and help. */
const lineSize = 300;
const familyLineSize = 100;
const separator = Buffer.of(lineFeed);

function familySize({ name, help, text, proto }: ShippedFamily["family"]): number {
  return familyLineSize + name.length + help.length + (proto?.length ?? text.end - text.start);
}

function writtenState({
  id,
  labels,
  floor,
  deleted,
  life,
  pushed,
  failed,
  families,
}: VersionedGroup<ShippedFamily>) {
  return {
    id,
    labels,
    floor: writtenVersion(floor),
    deleted: writtenVersion(deleted),
    life: life && writtenLife(life),
    pushed: pushed && writtenEvent(pushed),
    failed: failed && writtenEvent(failed),
    families: families.map(({ name, version, family: { type, help, text, proto } }) => ({
      name,
      version: formatVersion(version),
      type,
      help,
      // The text follows from the message.
      text: proto === undefined ? text.end - text.start : 0,
      proto: proto?.length ?? 0,
    })),
  };
}

function contentOf({ text: { bytes, start, end }, proto }: ShippedFamily["family"]): Uint8Array {
  return proto ?? bytes.subarray(start, end);
}

function writtenVersion(version: Version | null): string | null {
  return version && formatVersion(version);
}

function writtenEvent({ version, atMicros }: Event) {
  return { version: formatVersion(version), at: atMicros };
}

function writtenLife({ version, expiresAtMs }: Life) {
  return { version: formatVersion(version), expires: expiresAtMs };
}
