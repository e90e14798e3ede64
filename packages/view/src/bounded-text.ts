import { hash } from "node:crypto";

const longest = 256;

/**
 * A text to sort by that is never long, because positions in a list travel in URLs. Different texts stay different; those
 * that only differ after their first 256 characters stand side by side in an order that means nothing.
 */
export function boundedText(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}${hash("sha256", text, "base64url")}`;
}
