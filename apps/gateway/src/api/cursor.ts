import type { Direction } from "@pushfleet/view";
import { invalid } from "./parameters.ts";

/** What a list is sorted by, which a cursor into it must agree with. */
interface Sorting {
  readonly sort: string;
  readonly direction: Direction;
}

/** Where the page after begins, as a word that says nothing to clients. */
export function writeCursor({ sort, direction }: Sorting, position: string): string {
  return Buffer.from(JSON.stringify([sort, direction, position])).toString("base64url");
}

/** Throws ApiError when the word is no cursor, or one of another sorting. */
export function readCursor(word: string | undefined, { sort, direction }: Sorting): string | undefined {
  if (word === undefined) return undefined;
  const content = parsed(Buffer.from(word, "base64url").toString());
  if (!Array.isArray(content) || content.length !== 3)
    throw invalid("cursor", "not a cursor; take next_cursor of the page before");
  const [ofSort, ofDirection, position]: readonly unknown[] = content;
  if (typeof position !== "string")
    throw invalid("cursor", "not a cursor; take next_cursor of the page before");
  if (ofSort !== sort || ofDirection !== direction)
    throw invalid("cursor", "belongs to another sort or order; begin again without it");
  return position;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
