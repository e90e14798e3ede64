import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Case } from "./replay.ts";

/** A case of one input is the file's bytes; one of several is a JSON list of texts with a character for each byte. */
const sequence = ".sequence";

export interface KeptCase {
  readonly file: string;
  readonly inputs: Case;
}

/** All cases that are kept for the target, in order of their file names. */
export function keptCases(target: string): readonly KeptCase[] {
  const directory = directoryOf(target);
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .sort()
    .map((file) => ({ file, inputs: casesOf(file, readFileSync(`${directory}/${file}`)) }));
}

/** Keeps a case for good; returns the path of its file. */
export function keepCase(target: string, inputs: Case): string {
  const directory = directoryOf(target);
  const [only] = inputs;
  const isSingle = inputs.length === 1 && only !== undefined;
  const content = isSingle
    ? only
    : Buffer.from(`${JSON.stringify(inputs.map((input) => input.toString("latin1")))}\n`);
  const name = createHash("sha256").update(content).digest("hex").slice(0, 8);
  const file = `${directory}/found-${name}${isSingle ? "" : sequence}`;
  mkdirSync(directory, { recursive: true });
  writeFileSync(file, content);
  return file;
}

function casesOf(file: string, content: Buffer): Case {
  if (!file.endsWith(sequence)) return [content];
  const texts: readonly string[] = JSON.parse(content.toString());
  return texts.map((text) => Buffer.from(text, "latin1"));
}

function directoryOf(target: string): string {
  return fileURLToPath(new URL(`corpus/${target}`, import.meta.url));
}
