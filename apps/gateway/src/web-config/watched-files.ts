import { type BigIntStats, readFileSync, statSync } from "node:fs";
import { stat } from "node:fs/promises";

/** Files that are read, and told of when they change. */
export class WatchedFiles {
  /** What each looked like when it was read. */
  #prints = new Map<string, string>();

  /**
   * Does what reads files by `readFile`, which throws what `readFileSync` does, and watches those from now on, as they were
   * just before they were read. When the work fails, so that it is not known which others count, those of before are
   * watched as well.
   */
  readBy<T>(work: (readFile: (file: string) => string) => T): T {
    const before = this.#prints;
    this.#prints = new Map();
    try {
      return work((file) => {
        this.#prints.set(file, printNow(file));
        return readFileSync(file, "utf8");
      });
    } catch (error) {
      this.#prints = new Map([...before, ...this.#prints]);
      throw error;
    }
  }

  /**
   * Looks at the files every so many milliseconds and calls `changed` when one of them is another than was read and has
   * stood still from one look to the next: editors empty a file before they write it, and a certificate and its key come
   * one after the other. What a link leads to counts, so that it may be exchanged for another.
   */
  watch(changed: () => void, { everyMs }: { readonly everyMs: number }): Disposable {
    let last: string | undefined;
    let isDisposed = false;
    const look = async () => {
      const now = await this.#look();
      if (isDisposed) return;
      if (now !== joined(this.#prints.values()) && now === last) changed();
      last = now;
      timer = setTimeout(() => void look(), everyMs).unref();
    };
    let timer = setTimeout(() => void look(), everyMs).unref();
    return {
      [Symbol.dispose]() {
        isDisposed = true;
        clearTimeout(timer);
      },
    };
  }

  async #look(): Promise<string> {
    const files = [...this.#prints.keys()];
    return joined(await Promise.all(files.map((file) => stat(file, { bigint: true }).then(printOf, codeOf))));
  }
}

function printNow(file: string): string {
  try {
    return printOf(statSync(file, { bigint: true }));
  } catch (error) {
    return codeOf(error);
  }
}

function printOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

function joined(prints: Iterable<string>): string {
  return [...prints].join("\n");
}
