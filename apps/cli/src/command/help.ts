import type { Command, Operands } from "./command.ts";
import type { CommandOption } from "./option.ts";

const width = 100;
const indent = 30;

/** The text of `pushfleet --help`. */
export function overview(commands: readonly Command[]): string {
  const list = commands.flatMap(({ name, summary }) => entry(name, summary, 14));
  return `usage: pushfleet COMMAND [OPTION ...]

Pushes metrics of jobs to Pushfleet or a Prometheus Pushgateway, and looks after what is there.

Commands:
${list.join("\n")}

pushfleet COMMAND --help tells more, with examples. PUSHFLEET_URL says where the gateways are, several of them
separated by commas; without it, they are looked for at http://localhost:9091.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage; "run" passes on that of its command.
`;
}

/** The text of `pushfleet COMMAND --help`. */
export function commandHelp(command: Command): string {
  const { description, options, examples, exitCodes = [] } = command;
  const sections = Map.groupBy(
    Object.entries<CommandOption<unknown>>({ ...options, ...helpOption }),
    ([, option]) => option.section ?? "Options",
  );
  const codes = new Map([["0", "done"], ["1", "refused or failed"], ["2", "wrong usage"], ...exitCodes]);
  return [
    `usage: pushfleet ${command.name} ${[...requiredOf(command), "[OPTION ...]", ...operandsOf(command.operands)].join(" ")}`,
    ...description.map((paragraph) => wrap(paragraph, width).join("\n")),
    ...[...sections].map(([title, entries]) =>
      [`${title}:`, ...entries.flatMap((one) => optionEntry(one))].join("\n"),
    ),
    ["Examples:", ...examples.flatMap((example) => [`  # ${example.what}`, ...shell(example.command)])].join(
      "\n",
    ),
    ["Exit codes:", ...[...codes].flatMap(([code, meaning]) => entry(code, meaning, 14))].join("\n"),
  ]
    .join("\n\n")
    .concat("\n");
}

const helpOption = {
  help: {
    kind: "boolean",
    default: false,
    help: "Show this text.",
    upstream: false,
    parse: () => true,
    format: String,
  },
} as const satisfies Record<string, CommandOption<boolean>>;

/** How options that cannot be left out stand in the first line. */
function requiredOf({ options }: Command): readonly string[] {
  return Object.entries(options)
    .filter(([, option]) => option.isRequired === true)
    .map(([name, option]) => `--${name}=${option.placeholder}`);
}

function operandsOf(operands: Operands): readonly string[] {
  switch (operands.kind) {
    case "none":
      return [];
    case "one":
      return [operands.isOptional ? `[${operands.placeholder}]` : operands.placeholder];
    case "command":
      return ["--", "COMMAND", "[ARG ...]"];
  }
}

function optionEntry([name, option]: readonly [string, CommandOption<unknown>]): readonly string[] {
  const initial = option.kind === "boolean" ? "" : option.format(option.default);
  const notes = [
    ...(option.kind === "list" ? ["repeatable"] : []),
    ...(initial === "" || initial === "undefined" ? [] : [`default: ${initial}`]),
    ...(option.variable === undefined ? [] : [`variable: ${option.variable}`]),
  ];
  const note = notes.length === 0 ? "" : ` (${notes.join("; ")})`;
  return entry(optionSyntax(name, option), option.help + note, indent);
}

/** `--x=VALUE`, `--x`, or for what is on by default `--no-x`. */
function optionSyntax(name: string, option: CommandOption<unknown>): string {
  if (option.kind !== "boolean") return `--${name}=${option.placeholder ?? "VALUE"}`;
  return option.default === true ? `--no-${name}` : `--${name}`;
}

function entry(left: string, text: string, column: number): readonly string[] {
  const lines = wrap(text, width - column);
  const first = left.length < column - 3 ? `  ${left.padEnd(column - 2)}${lines.shift() ?? ""}` : `  ${left}`;
  return [first, ...lines.map((line) => " ".repeat(column) + line)];
}

function shell(command: string): readonly string[] {
  return command.split("\n").map((line) => `  ${line}`);
}

function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
