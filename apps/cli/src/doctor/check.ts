/** The outcome of one look. */
export interface Check {
  readonly status: "ok" | "warn" | "fail";
  /** What was looked at, in a word. */
  readonly about: string;
  /** What was found, and unless all is well what to do. One line. */
  readonly message: string;
}

/** Makes checks about one thing. */
export function checksAbout(about: string) {
  const make =
    (status: Check["status"]) =>
    (message: string): Check => ({ status, about, message });
  return { ok: make("ok"), warn: make("warn"), fail: make("fail") };
}
