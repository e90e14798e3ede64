import {
  type Document,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseDocument,
  type SchemaOptions,
  type YAMLError,
} from "yaml";
import type * as z from "zod";
import { ConfigFileError } from "./config-file.ts";
import { isNestedTooDeeply } from "./yaml-depth.ts";

type Path = readonly PropertyKey[];

/** How a file of settings is written. */
export interface YamlFormat<T> {
  readonly schema: z.ZodType<T>;
  /** `typed`: numbers, booleans and so on as YAML 1.2 has them. `text`: every value is the text that stands there, or null. */
  readonly scalars: "typed" | "text";
  /** `hidden`: no message repeats what a file says beyond the names of settings, because it may be a secret. */
  readonly values: "shown" | "hidden";
}

/** A file that has been read. */
export interface YamlFile<T> {
  readonly content: T;
  /** The error that says where the setting stands and what is wrong with it, for what shows only later. */
  problem(path: Path, text: string, cause?: unknown): ConfigFileError;
}

/**
 * Reads the text of a file; `file` is its name for messages. Throws ConfigFileError for the first thing that is wrong, with
 * its line. An empty text has no settings.
 */
export function readYaml<T>(text: string, file: string, format: YamlFormat<T>): YamlFile<T> {
  if (isNestedTooDeeply(text)) throw new ConfigFileError(`${file}: is nested too deeply`);
  const lines = new LineCounter();
  const lineAt = (offset: number) => lines.linePos(offset).line;
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    // Its warnings would go to stderr and repeat what may be a secret.
    logLevel: "error",
    ...scalarSchemas[format.scalars],
  });
  const [broken] = [...document.errors, ...document.warnings];
  if (broken !== undefined) {
    const what = syntaxProblem(broken, format);
    throw new ConfigFileError(`${file}:${lineAt(broken.pos[0])}: ${what}`, causeOf(broken, format));
  }
  const read = format.schema.safeParse(contentOf(document, file, format), { reportInput: true });
  if (!read.success) {
    const [first] = read.error.issues
      .map((issue) => ({ line: lineAt(offsetOf(document, issue)), problem: problemOf(issue, format) }))
      .sort((a, b) => a.line - b.line);
    throw new ConfigFileError(`${file}:${first?.line}: ${first?.problem}`, causeOf(read.error, format));
  }
  return {
    content: read.data,
    problem(path, what, cause) {
      const line = lineAt(offsetOf(document, { path }));
      return new ConfigFileError(`${file}:${line}: ${pathText(path, format)} ${what}`, { cause });
    },
  };
}

type Hiding = Pick<YamlFormat<unknown>, "values">;

const scalarSchemas: Readonly<Record<"typed" | "text", SchemaOptions>> = {
  typed: {},
  text: { schema: "failsafe", customTags: ["null", "merge"], merge: true },
};

/** Logs tell causes too, and those of the libraries repeat parts of the file. */
function causeOf(cause: unknown, { values }: Hiding): ErrorOptions {
  return values === "shown" ? { cause } : {};
}

function syntaxProblem({ code, message }: YAMLError, { values }: Hiding): string {
  return values === "shown" ? message : `not YAML: ${code.toLowerCase().replaceAll("_", " ")}`;
}

function contentOf(document: Document, file: string, { values }: Hiding): unknown {
  try {
    return document.toJS() ?? {};
  } catch (cause) {
    // The library has no class for them.
    const problem =
      values === "shown"
        ? cause instanceof Error
          ? cause.message
          : String(cause)
        : "an alias or a merge of something that cannot stand there, or of far too much";
    throw new ConfigFileError(`${file}: ${problem}`, causeOf(cause, { values }));
  }
}

/** Where in the text the issue is: its node, or of what is missing the nearest one around it. */
function offsetOf(document: Document, issue: { path: Path; code?: string; keys?: string[] }): number {
  for (let depth = issue.path.length; depth >= 0; depth--) {
    const node = document.getIn(issue.path.slice(0, depth), true);
    if (!isNode(node)) continue;
    const unknown = issue.code === "unrecognized_keys" ? issue.keys?.[0] : undefined;
    const pair = isMap(node) && node.items.find(({ key }) => isScalar(key) && String(key.value) === unknown);
    const place = pair && isNode(pair.key) ? pair.key : node;
    return place.range?.[0] ?? 0;
  }
  return 0;
}

function problemOf(issue: z.core.$ZodIssue, hiding: Hiding): string {
  const name = pathText(issue.path, hiding);
  switch (issue.code) {
    case "unrecognized_keys":
      return `${pathText([...issue.path, issue.keys[0] ?? ""], hiding)} is not a setting`;
    case "invalid_type": {
      if (issue.input === undefined) return `${name} is missing`;
      const got = hiding.values === "shown" ? `, got ${shown(issue.input)}` : "";
      return `${name} must be ${kinds[issue.expected] ?? issue.expected}${got}`;
    }
    default:
      return `${name} ${issue.message}`;
  }
}

function shown(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    // By an alias within what it stands for.
    return "something that holds itself";
  }
}

const kinds: Readonly<Record<string, string>> = {
  object: "a mapping",
  map: "a mapping",
  array: "a list",
  string: "text",
};

/** What may be shown of a name that is not one of ours: the mistake may be a secret in the wrong place. */
const harmlessName = /^[\w.@-]{1,64}$/;

/** `ttl.rules[2].match`; of the document itself, "the file". */
function pathText(path: Path, { values }: Hiding): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") {
      text += `[${step}]`;
      continue;
    }
    const name = values === "shown" || harmlessName.test(String(step)) ? String(step) : "…";
    text += text === "" ? name : `.${name}`;
  }
  return text === "" ? "the file" : text;
}
