import { execFile } from "node:child_process";
import { hash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The command, or why there is none. */
type Installation =
  | { readonly kind: "installed"; readonly command: string }
  | { readonly kind: "missing"; readonly reason: string };

const requirements = fileURLToPath(new URL("requirements.txt", import.meta.url));
const cache = fileURLToPath(new URL("../../../node_modules/.cache/", import.meta.url));

/** Installs what requirements.txt says into a virtual environment of its own, where later runs find it. */
export async function installSchemathesis(): Promise<Installation> {
  const python = await findPython();
  if (python === undefined) return { kind: "missing", reason: "there is no Python 3.11 or newer" };
  const digest = hash("sha256", await readFile(requirements, "utf8")).slice(0, 12);
  const environment = join(cache, `schemathesis-${digest}`);
  const complete = join(environment, "complete");
  if (!existsSync(complete)) {
    process.stdout.write("Installing schemathesis …\n");
    await rm(environment, { recursive: true, force: true });
    const failure =
      (await failureOf(python, ["-m", "venv", environment])) ??
      (await failureOf(join(environment, "bin", "pip"), [
        "install",
        "--quiet",
        "--disable-pip-version-check",
        `--requirement=${requirements}`,
      ]));
    if (failure !== undefined) return { kind: "missing", reason: `it cannot be installed: ${failure}` };
    await writeFile(complete, "");
  }
  return { kind: "installed", command: join(environment, "bin", "st") };
}

async function findPython(): Promise<string | undefined> {
  const isNewEnough = "import sys; sys.exit(sys.version_info < (3, 11))";
  for (const python of ["python3", "python"])
    if ((await failureOf(python, ["-c", isNewEnough])) === undefined) return python;
  return undefined;
}

/** What the program said last; undefined when it succeeded. */
async function failureOf(program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    await promisify(execFile)(program, args);
    return undefined;
  } catch (error) {
    return String(error).trim().split("\n").at(-1) ?? "";
  }
}
