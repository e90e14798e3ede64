import { readFile } from "node:fs/promises";

/** A user of Redis as docs/operations.md proposes it. */
export interface DocumentedUser {
  readonly name: string;
  readonly password: string;
  /** As it stands in the document: for redis.conf. */
  readonly line: string;
  /** The commands it may give, in lower case. */
  readonly commands: ReadonlySet<string>;
}

const operations = new URL("../../docs/operations.md", import.meta.url);

export async function documentedUser(name: string): Promise<DocumentedUser> {
  const line = (await readFile(operations, "utf8"))
    .split("\n")
    .map((each) => each.trim())
    .find((each) => each.startsWith(`user ${name} `));
  if (line === undefined) throw new Error(`docs/operations.md has no line for the user ${name}`);
  const words = line.split(" ");
  const after = (sign: string) =>
    words.filter((word) => word.startsWith(sign)).map((word) => word.slice(1).toLowerCase());
  return { name, password: after(">")[0] ?? "", line, commands: new Set(after("+")) };
}
