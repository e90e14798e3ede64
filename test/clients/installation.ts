import { execFile } from "node:child_process";
import { hash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Pusher } from "./client.ts";

/** A client that can be started, or why this machine has none. */
export type Preparation =
  | { readonly kind: "ready"; readonly start: () => Pusher }
  | { readonly kind: "missing"; readonly reason: string };

/** Where all that is installed for clients is, from one run to the next. */
export const cache = fileURLToPath(new URL("../../node_modules/.cache/pushfleet-clients/", import.meta.url));

/**
 * Resolves to a copy of the client's folder in which `install` has been run. It is made anew when something in the folder
 * has changed, such as a version.
 */
export async function installed(client: string, install: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cache, client);
  const complete = join(folder, ".complete");
  const version = await digest(client);
  if (existsSync(complete) && (await readFile(complete, "utf8")) === version) return folder;
  process.stderr.write(`Installing the client ${client} …\n`);
  await rm(folder, { recursive: true, force: true });
  await copied(client);
  await install(folder);
  await writeFile(complete, version);
  return folder;
}

/** Copies the client's folder into the cache. Resolves to the copy. */
export async function copied(client: string): Promise<string> {
  const folder = join(cache, client);
  await cp(sourceOf(client), folder, { recursive: true });
  return folder;
}

async function digest(client: string): Promise<string> {
  const entries = await readdir(sourceOf(client), { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const contents = await Promise.all(files.toSorted().map((file) => readFile(file, "utf8")));
  return hash("sha256", contents.join("\0"));
}

function sourceOf(client: string): string {
  return fileURLToPath(new URL(client, import.meta.url));
}

/** Rejects with what the command wrote when it fails. */
export async function run(command: string, args: readonly string[], folder: string): Promise<void> {
  try {
    await promisify(execFile)(command, args, { cwd: folder, env: environment(), maxBuffer: 64 << 20 });
  } catch (error) {
    const written =
      error instanceof Error && "stdout" in error && "stderr" in error
        ? `${error.stdout}${error.stderr}`
        : "";
    throw new Error(`${command} ${args.join(" ")} failed:\n${written.slice(-4_000)}`, { cause: error });
  }
}

/** Whether the command is there and ends well. */
export async function isThere(command: string, ...args: readonly string[]): Promise<boolean> {
  try {
    await promisify(execFile)(command, args);
    return true;
  } catch {
    return false;
  }
}

/** That of this process without the settings of the npm that started it: an npm within would take them for its own. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("npm_")));
}
