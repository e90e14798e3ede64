/** What Lua scripts can answer, and how it is read. Readers throw when a script answers something else than it should. */

/** All that Lua can send. */
export type Reply = Buffer | number | null | readonly Reply[];

export function isList(reply: Reply | undefined): reply is readonly Reply[] {
  return typeof reply === "object" && reply !== null && !Buffer.isBuffer(reply);
}

export function list(reply: Reply | undefined): readonly Reply[] {
  if (!isList(reply)) throw unexpected(reply);
  return reply;
}

export function bytes(reply: Reply | undefined): Buffer {
  if (!Buffer.isBuffer(reply)) throw unexpected(reply);
  return reply;
}

export function text(reply: Reply | undefined): string {
  return typeof reply === "number" ? String(reply) : bytes(reply).toString();
}

/** Scores and what is kept in hashes come as text. */
export function number(reply: Reply | undefined): number {
  return typeof reply === "number" ? reply : Number(text(reply));
}

export function flag(reply: Reply | undefined): boolean {
  return reply === 1;
}

/** The item of a number that counts from 1, as Lua does. */
export function itemAt<T>(items: readonly T[], position: Reply | undefined): T {
  const item = items[Number(position) - 1];
  if (item === undefined) throw unexpected(position);
  return item;
}

export function unexpected(reply: Reply | undefined): Error {
  return new Error(`unexpected answer of a Redis script: ${JSON.stringify(reply)}`);
}
