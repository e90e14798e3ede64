/** Reads the answers of the scripts of a sweep. */
import type { Reply } from "./replies.ts";

export function list(reply: Reply | undefined): readonly Reply[] {
  if (typeof reply !== "object" || reply === null || Buffer.isBuffer(reply)) throw unexpected(reply);
  return reply;
}

export function text(reply: Reply | undefined): string {
  if (typeof reply === "number") return String(reply);
  if (!Buffer.isBuffer(reply)) throw unexpected(reply);
  return reply.toString();
}

export function flag(reply: Reply | undefined): boolean {
  return reply === 1;
}

function unexpected(reply: Reply | undefined): Error {
  return new Error(`unexpected answer of a Redis script: ${JSON.stringify(reply)}`);
}
