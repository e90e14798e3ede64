import { hash, randomBytes } from "node:crypto";

/** RFC 2104: the key, as long as a block of SHA-256, is combined with these on its two ways into the hash. */
const [innerPad, outerPad] = [0x36, 0x5c];

const digestLength = 32;

/**
 * HMAC-SHA-256 of texts under a random key that nobody knows, in base64. By two hashes in one go each, which takes half the
 * time of a `createHmac` object, for every request that has a password.
 */
export function createKeyedHash(key: string = randomKey()): (text: string) => string {
  const inner = combined(key, innerPad);
  const outer = Buffer.from(combined(key, outerPad) + "\0".repeat(digestLength));
  return (text) => {
    outer.write(hash("sha256", inner + text, "hex"), key.length, "hex");
    return hash("sha256", outer, "base64");
  };
}

/** 48 random bytes as 64 characters of ASCII, which a text may follow in one string. */
export function randomKey(): string {
  return randomBytes(48).toString("base64");
}

function combined(key: string, pad: number): string {
  return Array.from(key, (character) => String.fromCharCode(character.charCodeAt(0) ^ pad)).join("");
}
