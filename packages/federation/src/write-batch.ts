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

/** The bytes of a batch before they are compressed. */
function batchBytes(from: RegionId, states: readonly VersionedGroup<ShippedFamily>[]): Buffer {
  const pieces: Uint8Array[] = [Buffer.from(`${magic}${from}\n`)];
  for (const state of states) {
    pieces.push(Buffer.from(`${JSON.stringify(writtenState(state))}\n`));
    for (const { family } of state.families) pieces.push(contentOf(family));
    pieces.push(separator);
  }
  const content = Buffer.concat(pieces);
  return Buffer.concat([content, Buffer.from(lastLine(states.length, crc32(content)))]);
}

/** The body of a POST of these states, from the region with this id. The work is done in another thread. */
export async function encodeBatch(
  from: RegionId,
  states: readonly VersionedGroup<ShippedFamily>[],
): Promise<Buffer> {
  // Level 1: most of what can be saved for a third of the time.
  return compress(batchBytes(from, states), { level: 1 });
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
