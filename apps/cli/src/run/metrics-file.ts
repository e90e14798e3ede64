import { type BigIntStats, statSync } from "node:fs";
import { readFile } from "node:fs/promises";

const mostFileBytes = 32 * 1024 * 1024;

/** The file that a command is to write metrics into, as it was before the command started. */
export class MetricsFile {
  readonly #path: string;
  readonly #before: BigIntStats | undefined;

  constructor(path: string) {
    this.#path = path;
    this.#before = stateOf(path);
  }

  /**
   * What the command wrote. Told by what changed and not by times, which may be those of another machine's clock.
   *
   * @throws Error when it did not write it: what is there tells of an earlier run
   */
  async read(): Promise<string> {
    const now = stateOf(this.#path);
    if (now !== undefined && isSame(now, this.#before))
      throw new Error(`the command did not write ${this.#path}; no metrics are taken from it`);
    if (now !== undefined && now.size > mostFileBytes) throw new Error(`${this.#path} is too large`);
    return await readFile(this.#path, "utf8");
  }
}

/** Undefined when there is none that could be looked at. */
function stateOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

function isSame(now: BigIntStats, before: BigIntStats | undefined): boolean {
  return (
    now.ino === before?.ino &&
    now.size === before.size &&
    now.mtimeNs === before.mtimeNs &&
    now.ctimeNs === before.ctimeNs
  );
}
