import {
  isLegacyLabelName,
  type Label,
  type NameScheme,
  quoteBytes,
  quoteText,
  unescapeName,
} from "@pushfleet/exposition";
import { decodeBase64Url } from "./base64.ts";

/**
 * The grouping labels of a request. `job` comes first and is never empty; names are unique. Empty values are still
 * there: they do not tell groups apart (see `groupOf`), but they override labels of the body. Made by `parseGroupPath`.
 */
export type PathLabels = readonly Label[] & { readonly __brand: "PathLabels" };

export type PathErrorCode =
  /** The path does not start with `/job` or `/job@base64`: upstream has no such route (404). */
  | "not-a-group-path"
  | "job-required"
  | "odd-components"
  | "bad-label-name"
  | "bad-base64"
  | "bad-escape"
  | "not-utf8";

/** The URL names no group. The message is the whole answer to the client. */
export class PathError extends Error {
  override readonly name = "PathError";
  readonly code: PathErrorCode;

  constructor(code: PathErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

const BASE64_SUFFIX = "@base64";

/**
 * Reads the grouping key from a URL, by the rules of upstream's handler/push.go:
 * `/job/<job>[/<name>/<value>]*`, where `@base64` after `job` or any name marks its value as base64url.
 *
 * Differences, all where upstream goes wrong:
 * - the path is split first and each segment percent-decoded after (RFC 3986 §2.4), so `%2F` stays inside a value;
 * - an empty segment in a value's place is an empty value, not a redirect that clients take for success;
 * - a value that is not UTF-8 is refused here, where upstream stores the group and fails every scrape from then on.
 *
 * @param rawPath What follows `/metrics` in the request line, without the query: still percent-encoded.
 * @param options.names With "utf8", names are unescaped (`U__…`) and need only be valid UTF-8.
 * @throws PathError
 */
export function parseGroupPath(rawPath: string, options: { readonly names: NameScheme }): PathLabels {
  const [root, jobName, jobValue = "", ...segments] = rawPath.split("/").map(percentDecode);
  if (root !== "" || (jobName !== "job" && jobName !== `job${BASE64_SUFFIX}`)) {
    throw new PathError("not-a-group-path", 'the path of a group starts with "/job/"');
  }
  const job = jobName === "job" ? jobValue : jobFromBase64(jobValue);

  const labels = new Map([["job", textOf(job, "job name")]]);
  const isBareTrailingSlash = segments.length === 1 && segments[0] === "";
  if (!isBareTrailingSlash) {
    for (const [name, value] of labelPairs(segments, options.names)) {
      if (name !== "job") labels.set(name, value); // the first job wins, of other names the last
    }
  }
  if (job === "") throw new PathError("job-required", "job name is required");
  // `job` went in first, and a Map keeps its order and its keys unique.
  return [...labels] as readonly Label[] as PathLabels;
}

function labelPairs(segments: readonly string[], names: NameScheme): Label[] {
  if (segments.length % 2 !== 0) {
    const shown = quoteBytes(`/${segments.join("/")}`);
    throw new PathError("odd-components", `odd number of components in label string ${shown}`);
  }
  const pairs: Label[] = [];
  for (let i = 0; i < segments.length; i += 2) {
    const [rawName = "", rawValue = ""] = [segments[i], segments[i + 1]];
    const isBase64 = rawName.endsWith(BASE64_SUFFIX);
    const shownName = isBase64 ? rawName.slice(0, -BASE64_SUFFIX.length) : rawName;
    const name = labelName(shownName, names);
    const value = isBase64 ? valueFromBase64(rawValue, shownName) : rawValue;
    pairs.push([name, textOf(value, `value of label ${name}`)]);
  }
  return pairs;
}

function labelName(bytes: string, names: NameScheme): string {
  const name = names === "legacy" ? legacyName(bytes) : utf8Name(bytes);
  if (name === undefined || name.startsWith("__") || bytes.startsWith("__")) {
    throw new PathError("bad-label-name", `improper label name ${quoteBytes(bytes)}`);
  }
  return name;
}

function legacyName(bytes: string): string | undefined {
  return isLegacyLabelName(bytes) ? bytes : undefined;
}

function utf8Name(bytes: string): string | undefined {
  const escaped = decodeUtf8(bytes);
  return escaped === undefined || escaped === "" ? undefined : unescapeName(escaped) || undefined;
}

function jobFromBase64(encoded: string): string {
  const { bytes, illegalAt } = decodeBase64Url(encoded);
  if (illegalAt === undefined) return bytes;
  throw new PathError(
    "bad-base64",
    `invalid base64 encoding in job name ${quoteBytes(bytes)}: illegal base64 data at input byte ${illegalAt}`,
  );
}

function valueFromBase64(encoded: string, name: string): string {
  const { bytes, illegalAt } = decodeBase64Url(encoded);
  if (illegalAt === undefined) return bytes;
  throw new PathError(
    "bad-base64",
    `invalid base64 encoding for label ${name}=${quoteBytes(encoded)}: illegal base64 data at input byte ${illegalAt}`,
  );
}

/** The bytes of a segment, one character each: what they mean in UTF-8 is decided after base64 has been undone. */
function percentDecode(segment: string): string {
  const bad = /%(?![0-9A-Fa-f]{2}).{0,2}|[^ -~]/su.exec(segment);
  if (bad !== null) {
    const what = bad[0].startsWith("%") ? "URL escape" : "character in URL path";
    throw new PathError("bad-escape", `invalid ${what} ${quoteText(bad[0])}`);
  }
  if (!segment.includes("%")) return segment;
  return segment.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** @param what Names the value in the error. */
function textOf(bytes: string, what: string): string {
  const text = decodeUtf8(bytes);
  if (text === undefined) throw new PathError("not-utf8", `${what} is not valid UTF-8: ${quoteBytes(bytes)}`);
  return text;
}

/** The text the bytes encode, undefined when they are not UTF-8. */
function decodeUtf8(bytes: string): string | undefined {
  if (!/[\x80-\xff]/.test(bytes)) return bytes;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes, "latin1"));
  } catch {
    return undefined;
  }
}
