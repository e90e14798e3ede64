import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const repository = fileURLToPath(new URL("../..", import.meta.url));

test("where there are no scripts and no Node of the project's own, as in the image, the Node there is runs it", async () => {
  const directory = await mkdtemp(join(tmpdir(), "pushfleet-image-"));
  try {
    const [root, bin] = [join(directory, "app"), join(directory, "bin")];
    await cp(join(repository, "apps/cli"), join(root, "apps/cli"), { recursive: true });
    await Promise.all([bin, join(root, "node_modules")].map((path) => mkdir(path)));
    for (const name of await readdir(join(repository, "node_modules")))
      if (name !== "node")
        await symlink(join(repository, "node_modules", name), join(root, "node_modules", name));
    await symlink(join(root, "apps/cli/bin/pushfleet"), join(bin, "pushfleet"));
    const env = { PATH: `${bin}:${dirname(process.execPath)}:${process.env["PATH"]}` };
    const { stdout } = await promisify(execFile)("pushfleet", ["--version"], { env, cwd: directory });
    expect(stdout).toMatch(/^pushfleet \d+\.\d+\.\d+ /);
  } finally {
    await rm(directory, { recursive: true });
  }
});
