/** Lua files of this package as scripts that Redis can run. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

export interface LuaScript {
  readonly name: string;
  readonly source: string;
  readonly sha1: string;
}

const folder = new URL("./lua/", import.meta.url);
const includeLine = /^ *-- @include (\S+)$/gm;

/**
 * Reads `lua/<name>.lua` with the files it names in `-- @include <path>` lines put in their place. Includes do not
 * include others: the order in a script is the order of definition, for all to see.
 */
export function loadScript(name: string): LuaScript {
  const main = readFileSync(new URL(`${name}.lua`, folder), "utf8");
  const source = main.replace(includeLine, (_, path: string) => readFileSync(new URL(path, folder), "utf8"));
  return { name, source, sha1: createHash("sha1").update(source).digest("hex") };
}
