import { execFile } from "node:child_process";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** A wall clock for one server, which a test sets while it runs. Timers run as ever. */
export interface WallClock extends AsyncDisposable {
  /** For the process that is to have the clock; takes the place of a `LD_PRELOAD` that is there. */
  readonly env: Readonly<Record<string, string>>;
  /** How far it is ahead of the machine's from now on; negative for behind. */
  set(aheadMs: number): Promise<void>;
}

const source = fileURLToPath(new URL("clock-ahead.c", import.meta.url));
/** What the library maps: a number as text, filled up with blanks. */
const fileLength = 32;

/** Right at first. Rejects where no C compiler is. */
export async function createWallClock(): Promise<WallClock> {
  const directory = await mkdtemp(join(tmpdir(), "pushfleet-clock-"));
  await using made = new AsyncDisposableStack();
  made.defer(() => rm(directory, { recursive: true, force: true }));
  const [library, path] = [join(directory, "clock-ahead.so"), join(directory, "ahead")];
  await promisify(execFile)("gcc", ["-shared", "-fPIC", "-O2", "-o", library, source]);
  const file = made.use(await open(path, "w"));
  const set = async (aheadMs: number) =>
    void (await file.write(String(aheadMs).padEnd(fileLength), 0, "latin1"));
  await set(0);
  const all = made.move();
  return {
    env: { LD_PRELOAD: library, CLOCK_AHEAD_FILE: path },
    set,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
