import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const pushfleet = fileURLToPath(new URL("../../apps/cli/bin/pushfleet", import.meta.url));

/** A place to run commands of documents in, with `pushfleet` on the PATH. */
export interface Shell extends AsyncDisposable {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export async function createShell(): Promise<Shell> {
  const cwd = await mkdtemp(join(tmpdir(), "pushfleet-docs-"));
  await mkdir(join(cwd, "bin"));
  await symlink(pushfleet, join(cwd, "bin", "pushfleet"));
  return {
    cwd,
    env: {
      PATH: `${join(cwd, "bin")}:${process.env["PATH"]}`,
      HOME: cwd,
      PUSHFLEET_SPOOL_DIR: join(cwd, "spool"),
    },
    [Symbol.asyncDispose]: () => rm(cwd, { recursive: true }),
  };
}
