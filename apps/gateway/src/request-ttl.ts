import type { IncomingMessage } from "node:http";
import { duration, InvalidValue } from "@pushfleet/config";

/** What a push itself says of its time to live. */
export type RequestTtl =
  | { readonly kind: "unsaid" }
  /** 0 = for ever. */
  | { readonly kind: "said"; readonly ttlMs: number }
  /** The text is for the client. */
  | { readonly kind: "refused"; readonly text: string };

const unsaid: RequestTtl = { kind: "unsaid" };

/**
 * Reads `?ttl=15m` and the header `Pushfleet-TTL: 15m`. A request may have both when they mean the same. Other query
 * parameters mean nothing, as upstream has it.
 */
export function requestTtl({ url = "", headers }: Pick<IncomingMessage, "url" | "headers">): RequestTtl {
  const header = headers["pushfleet-ttl"];
  const query = url.indexOf("?");
  if (header === undefined && query === -1) return unsaid;

  const inQuery = query === -1 ? [] : new URLSearchParams(url.slice(query + 1)).getAll("ttl");
  const given = [
    ...inQuery.map((text) => ({ place: "query parameter ttl", text })),
    ...(header === undefined ? [] : [{ place: "header Pushfleet-TTL", text: String(header) }]),
  ];
  let result = unsaid;
  for (const { place, text } of given) {
    const read = readTtl(place, text);
    if (read.kind !== "said") return read;
    if (result.kind === "said" && result.ttlMs !== read.ttlMs) return refusedAsDifferent(given);
    result = read;
  }
  return result;
}

function readTtl(place: string, text: string): RequestTtl {
  try {
    return { kind: "said", ttlMs: duration(text) };
  } catch (error) {
    if (error instanceof InvalidValue) return { kind: "refused", text: `${place} ${error.message}` };
    throw error;
  }
}

function refusedAsDifferent(given: readonly { readonly place: string; readonly text: string }[]): RequestTtl {
  const all = given.map(({ place, text }) => `${place} "${text}"`);
  return { kind: "refused", text: `different times to live: ${all.join(", ")}` };
}
