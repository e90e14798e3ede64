import type { Labels } from "./types.ts";

/**
 * The path that pushes to and deletes the group with these grouping labels, from `/metrics/job` on. Values that a path
 * cannot carry are base64: empty ones, those with a slash, and dots, which browsers and curl take for steps in the path.
 */
export function groupPath(labels: Labels): string {
  const { job = "", ...others } = labels;
  const pairs = Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1));
  return `/metrics${[["job", job] as const, ...pairs].map(([name, value]) => pair(name, value)).join("")}`;
}

function pair(name: string, value: string): string {
  const plain = value !== "" && value !== "." && value !== ".." && !value.includes("/");
  return plain
    ? `/${escapeName(name)}/${encodeURIComponent(value)}`
    : `/${escapeName(name)}@base64/${base64Url(value)}`;
}

/** `U__…`, as the Pushgateway reads it, for names other than the classic ones, and for those that only look like it. */
function escapeName(name: string): string {
  if (/^(?!U__)[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) return name;
  const escaped = Array.from(name, (character, index) => {
    if (character === "_") return "__";
    const isPlain = index === 0 ? /^[a-zA-Z:]$/.test(character) : /^[a-zA-Z0-9:]$/.test(character);
    return isPlain ? character : `_${(character.codePointAt(0) ?? 0).toString(16)}_`;
  });
  return `U__${escaped.join("")}`;
}

/** "=" stands for nothing at all, which would leave an empty segment. */
function base64Url(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return base64 === "" ? "=" : base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
