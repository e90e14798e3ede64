import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import * as z from "zod";
import { accessRules } from "./access-rules.ts";
import { ConfigFileError, type ConfigFileParser } from "./config-file.ts";
import { ttlRules } from "./ttl-rules.ts";

type Path = readonly PropertyKey[];

/** See `loadConfigFileParser`, which loads this module and with it two libraries only when there is a file to read. */
export function createConfigFileParser<M>(parseMatchers: (text: string) => M): ConfigFileParser<M> {
  const schema = z.strictObject({
    access: accessRules(parseMatchers)
      .nullish()
      .transform((rules) => rules ?? null),
    ttl: z
      .strictObject({ rules: ttlRules(parseMatchers).nullish() })
      .nullish()
      .transform((ttl) => ({ rules: ttl?.rules ?? [] })),
  });
  return (text, file) => {
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    const lineAt = (offset: number) => lines.linePos(offset).line;
    const [broken] = [...document.errors, ...document.warnings];
    if (broken !== undefined) {
      throw new ConfigFileError(`${file}:${lineAt(broken.pos[0])}: ${broken.message}`, { cause: broken });
    }
    const read = schema.safeParse(contentOf(document, file), { reportInput: true });
    if (read.success) return read.data;
    const [first] = read.error.issues
      .map((issue) => ({ line: lineAt(offsetOf(document, issue)), problem: problemOf(issue) }))
      .sort((a, b) => a.line - b.line);
    throw new ConfigFileError(`${file}:${first?.line}: ${first?.problem}`, { cause: read.error });
  };
}

function contentOf(document: Document, file: string): unknown {
  try {
    return document.toJS() ?? {};
  } catch (cause) {
    // Aliases that stand for nothing, or for far too much.
    if (!(cause instanceof ReferenceError)) throw cause;
    throw new ConfigFileError(`${file}: ${cause.message}`, { cause });
  }
}

/** Where in the text the issue is: its node, or of what is missing the nearest one around it. */
function offsetOf(document: Document, issue: z.core.$ZodIssue): number {
  for (let depth = issue.path.length; depth >= 0; depth--) {
    const node = document.getIn(issue.path.slice(0, depth), true);
    if (!isNode(node)) continue;
    const unknown = issue.code === "unrecognized_keys" ? issue.keys[0] : undefined;
    const pair = isMap(node) && node.items.find(({ key }) => isScalar(key) && String(key.value) === unknown);
    const place = pair && isNode(pair.key) ? pair.key : node;
    return place.range?.[0] ?? 0;
  }
  return 0;
}

function problemOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "unrecognized_keys":
      return `${pathText([...issue.path, issue.keys[0] ?? ""])} is not a setting`;
    case "invalid_type":
      if (issue.input === undefined) return `${pathText(issue.path)} is missing`;
      return `${pathText(issue.path)} must be ${kinds[issue.expected] ?? issue.expected}, got ${JSON.stringify(issue.input)}`;
    default:
      return `${pathText(issue.path)} ${issue.message}`;
  }
}

const kinds: Readonly<Record<string, string>> = { object: "a mapping", array: "a list", string: "text" };

/** `ttl.rules[2].match`; of the document itself, "the file". */
function pathText(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += text === "" ? String(step) : `.${String(step)}`;
  }
  return text === "" ? "the file" : text;
}
