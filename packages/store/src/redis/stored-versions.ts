/**
 * Versions as they stand in Redis: `<microseconds>` when the store's own region made them (or it belongs to none),
 * `<microseconds>@<region>` when another did, `0` for never. Behind a blank follows the time that is told instead, if any.
 */
import type { Event } from "../replication/replication.ts";
import { formatVersion, parseVersion, type RegionId, type Version } from "../replication/version.ts";

const neverText = "0";

export function storedVersion(version: Version | null, own: RegionId): string {
  if (version === null) return neverText;
  return version.region === own ? String(version.micros) : formatVersion(version);
}

export function versionOf(text: string, own: RegionId): Version | null {
  if (text === neverText) return null;
  const version = text.includes("@") ? parseVersion(text) : { micros: Number(text), region: own };
  if (version === undefined) throw new Error(`Redis holds ${JSON.stringify(text)} where a version should be`);
  return version;
}

export function storedEvent(event: Event | null, own: RegionId): string {
  if (event === null) return neverText;
  const { version, atMicros } = event;
  const text = storedVersion(version, own);
  return atMicros === version.micros ? text : `${text} ${atMicros}`;
}

export function eventOf(text: string, own: RegionId): Event | null {
  const { micros, region, told } = readTime(text);
  return micros === 0 ? null : { version: { micros, region: region ?? own }, atMicros: told };
}

/** A push or failure for those who need not know whose own region it is: undefined, if that of the store. */
export interface StoredTime {
  readonly micros: number;
  readonly region: RegionId | undefined;
  /** What the group tells: microseconds, too. */
  readonly told: number;
}

export function readTime(text: string): StoredTime {
  const blank = text.indexOf(" ");
  const version = blank === -1 ? text : text.slice(0, blank);
  const foreign = version.includes("@") ? parseVersion(version) : undefined;
  const micros = foreign?.micros ?? Number(version);
  return { micros, region: foreign?.region, told: blank === -1 ? micros : Number(text.slice(blank + 1)) };
}
