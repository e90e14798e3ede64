/** The persistence file cannot be used. The message is one line that names the file and says what to do. */
export class PersistenceError extends Error {
  override readonly name = "PersistenceError";
  readonly code: PersistenceErrorCode;

  constructor(code: PersistenceErrorCode, file: string, problem: string, cause?: unknown) {
    super(`persistence file ${file} ${problem}; ${advice[code]}`, { cause });
    this.code = code;
  }
}

export type PersistenceErrorCode =
  | "inaccessible"
  | "foreign"
  | "unknown-version"
  | "other-region"
  | "damaged"
  | "in-use";

const untouched = "it was left untouched";

const advice: Record<PersistenceErrorCode, string> = {
  inaccessible: "check the path and its permissions",
  foreign: `${untouched}: choose another path, or move it away to start empty`,
  "unknown-version": `${untouched}: start the version that wrote it, or move it away to start empty`,
  "other-region": `${untouched}: set --federation.region to that region, or choose another path`,
  damaged: `${untouched}: restore it from a backup, or move it away (with its -wal file, if any) to start empty`,
  "in-use": "only one process may use it: stop the other one, or choose another path",
};
