/** A request as it stands on the wire, read without any mercy: whatever is no header is left out. */
export interface RequestText {
  readonly method: string;
  readonly url: string;
  /** By lower-case names, as Node gives them; of several of one name the last. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** `PUT /metrics/job/a`, headers each on a line, an empty line, the body. */
export function readRequest(input: Buffer): RequestText {
  const end = input.indexOf("\n\n");
  const head = (end < 0 ? input : input.subarray(0, end)).toString("latin1");
  const [first = "", ...lines] = head.split("\n");
  const [, method = "GET", url = "/"] = /^([A-Z]{1,20}) (\S*)/.exec(first) ?? [];
  const headers: Record<string, string> = Object.create(null);
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    // What Node's parser lets through.
    if (name !== undefined && value !== undefined)
      headers[name.toLowerCase()] = value.replaceAll(/[^\t -~\x80-\xff]/g, "");
  }
  return { method, url, headers, body: end < 0 ? Buffer.of() : input.subarray(end + 2) };
}

export function requestText(
  first: string,
  headers: Readonly<Record<string, string>> = {},
  body: string | Uint8Array = "",
): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\n`);
  return Buffer.concat([Buffer.from(`${first}\n${lines.join("")}\n`), Buffer.from(body)]);
}
