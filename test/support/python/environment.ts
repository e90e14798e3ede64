import { execFile } from "node:child_process";
import { hash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** A virtual environment with packages of PyPI, kept where later runs find it. */
export interface PythonEnvironment {
  /** How its folder is called. */
  readonly name: string;
  /** Absolute path of a requirements.txt. */
  readonly requirements: string;
  /** The oldest Python that will do, such as `3.11`. */
  readonly atLeast: string;
}

/** The folder of its programs, or why there is none. */
type Installation =
  | { readonly kind: "installed"; readonly bin: string }
  | { readonly kind: "missing"; readonly reason: string };

const cache = fileURLToPath(new URL("../../../node_modules/.cache/", import.meta.url));

/** Installs the environment unless it is there. Not to be called twice at a time. */
export async function installEnvironment(environment: PythonEnvironment): Promise<Installation> {
  const { name, requirements, atLeast } = environment;
  const installed = findEnvironment(environment);
  if (installed !== undefined) return { kind: "installed", bin: installed };
  const python = await findPython(atLeast);
  if (python === undefined) return { kind: "missing", reason: `there is no Python ${atLeast} or newer` };
  process.stdout.write(`Installing ${name} …\n`);
  const folder = folderOf(environment);
  const bin = join(folder, "bin");
  await rm(folder, { recursive: true, force: true });
  const pip = ["install", "--quiet", "--disable-pip-version-check", `--requirement=${requirements}`];
  const failure =
    (await failureOf(python, ["-m", "venv", folder])) ?? (await failureOf(join(bin, "pip"), pip));
  if (failure !== undefined) return { kind: "missing", reason: `it cannot be installed: ${failure}` };
  await writeFile(join(folder, "complete"), "");
  return { kind: "installed", bin };
}

/** The folder of its programs, if it is installed. */
export function findEnvironment(environment: PythonEnvironment): string | undefined {
  const folder = folderOf(environment);
  return existsSync(join(folder, "complete")) ? join(folder, "bin") : undefined;
}

function folderOf({ name, requirements }: PythonEnvironment): string {
  return join(cache, `${name}-${hash("sha256", readFileSync(requirements, "utf8")).slice(0, 12)}`);
}

async function findPython(atLeast: string): Promise<string | undefined> {
  const isNewEnough = `import sys; sys.exit(sys.version_info < (${atLeast.replace(".", ", ")}))`;
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
