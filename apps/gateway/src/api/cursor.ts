import type { Direction } from "@pushfleet/view";
import { invalid } from "./parameters.ts";

/** Characters; what positions are made of is bounded. */
export const longestCursor = 5_000;

/** Which list in which order: what a cursor into it must agree with. */
interface Sorting {
  readonly list: "groups" | "jobs";
  readonly sort: string;
  readonly direction: Direction;
}

/** Where the page after begins, as a word that says nothing to clients. */
export function writeCursor({ list, sort, direction }: Sorting, position: string): string {
  return Buffer.from(JSON.stringify([list, sort, direction, position])).toString("base64url");
}

/** Throws ApiError when the word is no cursor, or one into another list or order. */
export function readCursor(word: string | undefined, { list, sort, direction }: Sorting): string | undefined {
  if (word === undefined) return undefined;
  const content = parsed(Buffer.from(word, "base64url").toString());
  if (!Array.isArray(content) || content.length !== 4)
    throw invalid("cursor", "not a cursor; take next_cursor of the page before");
  const [ofList, ofSort, ofDirection, position]: readonly unknown[] = content;
  if (typeof position !== "string")
    throw invalid("cursor", "not a cursor; take next_cursor of the page before");
  if (ofList !== list || ofSort !== sort || ofDirection !== direction)
    throw invalid("cursor", "belongs to another list, sort or order; begin again without it");
  return position;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
