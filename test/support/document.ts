import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect } from "vitest";

/** A block of shell commands of a document, with the output that stands after it, if any does. */
interface Example {
  readonly commands: string;
  readonly shown: string | undefined;
}

export interface Surroundings {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** The commands with the servers of the test in the place of those of the document. */
  here(commands: string): string;
  /** What of an output has to be as shown; all of it, when left out. */
  readonly lasting?: (output: string) => string;
}

/** The path is relative to the repository, e.g. `docs/cli.md`. */
export function readDocument(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
}

function examplesOf(document: string): readonly Example[] {
  const blocks = document.matchAll(/^```sh\n(.*?)^```\n(?:\n```(?:text|json)\n(.*?)^```\n)?/gms);
  return [...blocks].map(([, commands = "", shown]) => ({ commands, shown }));
}

/** The blocks of this language, such as `python`, in their order. */
export function blocksOf(document: string, language: string): readonly string[] {
  const blocks = document.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"));
  return [...blocks].map(([, block = ""]) => block);
}

/**
 * Runs the shell commands of a document block by block, each in a shell of its own after all its lines that begin with `export`. Each has to
 * succeed, to say nothing on stderr, and to print what is shown after it.
 */
export async function runExamples(document: string, surroundings: Surroundings): Promise<void> {
  const { env, cwd, here, lasting = (output) => output } = surroundings;
  const examples = examplesOf(document);
  expect(examples).not.toBeEmpty();
  const settings = examples.flatMap(({ commands }) => commands.match(/^export .*\n/gm) ?? []);
  for (const { commands, shown } of examples) {
    const script = here([...settings, commands].join(""));
    const args = ["--norc", "-euo", "pipefail", "-c", script];
    const { stdout, stderr } = await promisify(execFile)("bash", args, { env, cwd });
    expect(stderr, commands).toBe("");
    if (shown !== undefined) expect(lasting(stdout), commands).toBe(lasting(shown));
  }
}
