/**
 * Text in UTF-8, somewhere in a larger buffer. Whoever keeps one for long should move it: the buffer may be a whole page
 * of the change feed. What is in a buffer that was handed out never changes, so several spans may share it.
 */
export interface TextSpan {
  bytes: Buffer;
  start: number;
  end: number;
}

export function textOf({ bytes, start, end }: TextSpan): string {
  return bytes.toString("utf8", start, end);
}

/** For text that comes alone. */
export function spanOf(text: string): TextSpan {
  const bytes = Buffer.from(text);
  return { bytes, start: 0, end: bytes.length };
}

/** Writes the text, which takes `length` bytes, at that place. */
export function writeText(text: string, length: number, bytes: Buffer, at: number): void {
  bytes.write(text, at, length === text.length ? "latin1" : "utf8"); // equal lengths: all ASCII, a plain copy
}
