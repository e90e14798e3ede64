/**
 * How regions find out cheaply where they differ: a hash of each group's versions, and the hashes of all groups whose ids begin with
 * the same two characters combined into one, that of a bucket.
 */
import { hash } from "node:crypto";
import { type Event, formatVersion, type GroupVersions, type Version } from "@pushfleet/store";

/** 64 bits as 16 hexadecimal digits. */
export type Hash = string;

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
export const bucketCount = alphabet.length ** 2;
const hashLength = 16;

/** Equal for two states exactly when a merge of one into the other would change nothing. */
export function hashOf({ id, floor, deleted, life, pushed, failed, families }: GroupVersions): Hash {
  const lines = [
    id,
    versionText(floor),
    versionText(deleted),
    life === null ? "" : `${formatVersion(life.version)} ${life.expiresAtMs}`,
    eventText(pushed),
    eventText(failed),
    // A name may hold anything, line feeds too, so the version comes first and the length is told.
    ...families.map(({ name, version }) => `${formatVersion(version)} ${name.length} ${name}`).sort(),
  ];
  return hash("sha256", lines.join("\n"), "hex").slice(0, hashLength);
}

function versionText(version: Version | null): string {
  return version === null ? "" : formatVersion(version);
}

function eventText(event: Event | null): string {
  return event === null ? "" : `${formatVersion(event.version)} ${event.atMicros}`;
}

/** Which bucket the group is in, from 0 on; undefined when this is no id. */
export function bucketOf(id: string): number | undefined {
  const [high, low] = [alphabet.indexOf(id.charAt(0)), alphabet.indexOf(id.charAt(1))];
  return id.length < 2 || high < 0 || low < 0 ? undefined : high * alphabet.length + low;
}

/** The hashes of all buckets. */
export class Digest {
  readonly #buckets = new BigUint64Array(bucketCount);

  /** Adds a group, or takes away what was added before. */
  toggle(id: string, hashed: Hash): void {
    const bucket = bucketOf(id);
    if (bucket !== undefined) this.#buckets[bucket] = (this.#buckets[bucket] ?? 0n) ^ BigInt(`0x${hashed}`);
  }

  /** Whether no group is in the bucket. */
  isEmpty(bucket: number): boolean {
    return this.#buckets[bucket] === 0n;
  }

  /** The buckets in which the other one has something else. */
  differences(other: Digest): readonly number[] {
    const different: number[] = [];
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      if (this.#buckets[bucket] !== other.#buckets[bucket]) different.push(bucket);
    }
    return different;
  }

  /** 16 hexadecimal digits for each bucket, one behind the other. */
  toText(): string {
    return Array.from(this.#buckets, (bucket) => bucket.toString(16).padStart(hashLength, "0")).join("");
  }

  /** The inverse of `toText`; undefined for anything else. */
  static fromText(text: string): Digest | undefined {
    if (text.length !== bucketCount * hashLength || !/^[0-9a-f]+$/.test(text)) return undefined;
    const digest = new Digest();
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      digest.#buckets[bucket] = BigInt(`0x${text.slice(bucket * hashLength, (bucket + 1) * hashLength)}`);
    }
    return digest;
  }
}

/** In one request. */
export const maxBucketsAsked = 1024;

/** The value of `buckets` in a URL: what the ids in them begin with, one behind the other. */
export function bucketsParameter(buckets: readonly number[]): string {
  return buckets
    .map(
      (bucket) =>
        alphabet.charAt(Math.floor(bucket / alphabet.length)) + alphabet.charAt(bucket % alphabet.length),
    )
    .join("");
}

/** The inverse of `bucketsParameter`; undefined for anything else, and for more than `maxBucketsAsked`. */
export function parseBuckets(text: string): ReadonlySet<number> | undefined {
  if (text === "" || text.length > maxBucketsAsked * 2 || !/^(?:[A-Za-z0-9_-]{2})+$/.test(text))
    return undefined;
  const beginnings = text.match(/../g) ?? [];
  return new Set(beginnings.map(bucketOf).filter((bucket) => bucket !== undefined));
}
