import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Tokens of the identities in `rules`. */
export const tokens = {
  "team-a": "token-of-team-a",
  pusher: "token-of-pusher",
  reader: "token-of-reader",
  "reader-of-a": "token-of-reader-of-a",
  scraper: "token-of-scraper",
  federator: "token-of-federator",
  ops: "token-of-ops",
} as const;

export type TokenOwner = keyof typeof tokens;

const grants: Readonly<Record<TokenOwner, string>> = {
  "team-a": `[{ roles: [push, delete, scrape, read], match: '{job=~"a-.*"}' }]`,
  pusher: "[{ roles: [push] }]",
  reader: "[{ roles: [read] }]",
  "reader-of-a": `[{ roles: [read], match: '{job=~"a-.*"}' }]`,
  scraper: "[{ roles: [scrape] }]",
  federator: "[{ roles: [federate] }]",
  ops: "[{ roles: [admin] }]",
};

/** A config file with one identity for each token, and nothing for anyone else. */
export const rules = `access:
  identities:
${Object.entries(tokens)
  .map(
    ([name, token]) => `    - name: ${name}
      token_sha256: [${createHash("sha256").update(token).digest("hex")}]
      allow: ${grants[name as TokenOwner] /* the keys of `tokens` */}
`,
  )
  .join("")}`;

export interface RulesFile extends AsyncDisposable {
  readonly path: string;
  write(text: string): Promise<void>;
}

export async function rulesFile(text: string = rules): Promise<RulesFile> {
  const folder = await mkdtemp(join(tmpdir(), "pushfleet-access-"));
  const path = join(folder, "pushfleet.yml");
  await writeFile(path, text);
  return {
    path,
    write: (next) => writeFile(path, next),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
