/** One HTTP request of a case. `path` goes on the wire as it is, so it must be percent-encoded already. */
export interface Step {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Response headers (lower-case names) that have to agree too. */
  readonly compareHeaders?: readonly string[];
  /** Compare the body of a successful response too; bodies of refusals always are, as far as `errorsOf` keeps them. */
  readonly compareBody?: boolean;
}

/** A sequence of requests to an empty server. */
export interface ConformanceCase {
  readonly name: string;
  readonly steps: readonly Step[];
  /** We differ from the reference on purpose here: an entry of docs/compatibility.md, and what we answer instead. */
  readonly difference?: Difference;
}

export interface Difference {
  /** An entry of docs/compatibility.md. */
  readonly id: string;
  readonly ours: Expectation;
  /** What the reference answers, where the difference is in something that is not compared. */
  readonly theirs?: Expectation;
}

/** A case about something the reference does not know yet, with what upstream's newer versions answer. */
export interface AdditionCase {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly expected: Expectation;
  /** An entry of docs/compatibility.md, when upstream's newer versions answer otherwise. */
  readonly differenceId?: string;
}

/** Written by hand. What is left out is not checked. */
export interface Expectation {
  /** One status for each step. */
  readonly statuses: readonly number[];
  /** Text that the body of the last step has to contain. */
  readonly lastBody?: string;
  /**
   * All pushed sample lines, in any order and without labels of empty value; the push times are left out.
   * A `# TYPE` or `# HELP` line in it has to be on the scrape too.
   */
  readonly scrape?: readonly string[];
  /** All groups with whether their last push failed, in any order, e.g. `{job="a"}` and `{job="b"} failed`. */
  readonly groups?: readonly string[];
}

type Extra = Omit<Step, "method" | "path" | "body">;

/** `path` follows `/metrics`, e.g. `/job/a`. */
export const post = (path: string, body?: Step["body"], extra: Extra = {}): Step => ({
  method: "POST",
  path: `/metrics${path}`,
  ...(body === undefined ? {} : { body }),
  ...extra,
});
export const put = (path: string, body?: Step["body"], extra: Extra = {}): Step => ({
  ...post(path, body, extra),
  method: "PUT",
});
export const del = (path: string, extra: Extra = {}): Step => ({
  ...post(path, undefined, extra),
  method: "DELETE",
});
export const request = (method: string, path: string, extra: Omit<Step, "method" | "path"> = {}): Step => ({
  method,
  path,
  ...extra,
});
