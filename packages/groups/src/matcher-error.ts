export type MatcherErrorCode = "syntax" | "bad-string" | "bad-regex";

/** The text is no list of label matchers. The message says what is wrong, and at which character, counted from 1. */
export class MatcherError extends Error {
  override readonly name = "MatcherError";
  readonly code: MatcherErrorCode;
  /** Where in the text, in UTF-16 code units from 0. */
  readonly offset: number;

  constructor(code: MatcherErrorCode, problem: string, at: { offset: number; cause?: unknown }) {
    super(`${problem} (at character ${at.offset + 1})`, { cause: at.cause });
    this.code = code;
    this.offset = at.offset;
  }
}
