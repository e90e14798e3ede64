import { execFile, spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type ServerProcess, startServerProcess } from "./process.ts";

export interface NginxOptions {
  /** The whole nginx.conf; relative paths in it are relative to the directory. */
  readonly config: string;
  /** Exists, and is the caller's to remove. */
  readonly directory: string;
  /** Answers 200 when nginx serves. */
  readonly readyUrl: string;
}

/** Why there is no nginx, told as well; undefined when there is one. */
export function whyNoNginx(): string | undefined {
  if (spawnSync("nginx", ["-v"]).status === 0) return undefined;
  process.stderr.write("nginx is not tested: it is missing (apt-get install nginx-light)\n");
  return "there is no nginx";
}

/** Has nginx check its configuration, and starts it. Rejects with what nginx has against it. */
export async function startNginx({ config, directory, readyUrl }: NginxOptions): Promise<ServerProcess> {
  await writeFile(join(directory, "nginx.conf"), config);
  // One process in the foreground, which dies as a whole.
  const args = ["-p", directory, "-c", "nginx.conf", "-e", "stderr", "-g", "daemon off; master_process off;"];
  await promisify(execFile)("nginx", [...args, "-t"]);
  return await startServerProcess({ command: "nginx", args, readyUrl });
}
