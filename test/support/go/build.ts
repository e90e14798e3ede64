import { execFile, spawnSync } from "node:child_process";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const modules = fileURLToPath(new URL(".", import.meta.url));

/** Why nothing in Go can be built here, told as well; undefined when it can. */
export function whyNoGo(): string | undefined {
  const { status, stdout } = spawnSync("go", ["env", "GOVERSION"], { encoding: "utf8" });
  const [, minor = "0"] = /^go1\.(\d+)/.exec(stdout ?? "") ?? [];
  if (status === 0 && Number(minor) >= 23) return undefined;
  const reason = "there is no Go 1.23 or newer";
  process.stderr.write(`Jobs in Go are not tested: ${reason}\n`);
  return reason;
}

/** Makes a program of the Go files of a folder, with Prometheus' client library. Resolves to its path. */
export async function buildGo(folder: string): Promise<string> {
  for (const file of ["go.mod", "go.sum"]) await cp(join(modules, file), join(folder, file));
  const program = join(folder, "job");
  const env = { ...process.env, GOTOOLCHAIN: "local" };
  await promisify(execFile)("go", ["build", "-o", program, "."], { cwd: folder, env });
  return program;
}
