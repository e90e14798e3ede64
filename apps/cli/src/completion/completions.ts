import type { Command } from "../command/command.ts";
import type { CommandOption } from "../command/option.ts";

export type Shell = "bash" | "zsh" | "fish";

/** A script that teaches the shell all commands with their options. */
export function completions(shell: Shell, commands: readonly Command[]): string {
  switch (shell) {
    case "bash":
      return bash(commands);
    case "zsh":
      return zsh(commands);
    case "fish":
      return fish(commands);
  }
}

/** An option as it is typed, with what follows. */
interface Typed {
  readonly flag: string;
  readonly help: string;
  readonly value:
    | { readonly words: readonly string[]; readonly kind: "file" | "directory" | "any" }
    | undefined;
}

function typedOptions({ options }: Command): readonly Typed[] {
  const all = Object.entries<CommandOption<unknown>>(options).map(([name, option]) => {
    const isOff = option.kind === "boolean" && option.default === true;
    return {
      flag: isOff ? `--no-${name}` : `--${name}`,
      help: firstSentence(option.help),
      value: option.kind === "boolean" ? undefined : expectedValue(option),
    };
  });
  return [...all, { flag: "--help", help: "Show help", value: undefined }];
}

function expectedValue({ placeholder = "", completes }: CommandOption<unknown>): NonNullable<Typed["value"]> {
  const words = placeholder.includes("|") ? placeholder.split("|") : [];
  return { words, kind: completes ?? "any" };
}

function firstSentence(help: string): string {
  return help.replace(/[.:;] .*$/s, "").replace(/\.$/, "");
}

function wordsOf({ operands }: Command): readonly string[] {
  return operands.kind === "one" ? (operands.words ?? []) : [];
}

function bash(commands: readonly Command[]): string {
  const cases = commands.map((command) => {
    const flags = typedOptions(command).map(({ flag, value }) => (value === undefined ? flag : `${flag}=`));
    return `    ${command.name}) words=${quoted([...flags, ...wordsOf(command)].join(" "))} ;;`;
  });
  const values = commands.flatMap((command) =>
    typedOptions(command).flatMap(({ flag, value }) => {
      if (value === undefined || (value.kind === "any" && value.words.length === 0)) return [];
      const action =
        value.kind === "directory"
          ? "-d"
          : value.kind === "file"
            ? "-f"
            : `-W ${quoted(value.words.join(" "))}`;
      return [`    ${command.name}${flag}) COMPREPLY=($(compgen ${action} -- "$value")); return ;;`];
    }),
  );
  return `# bash completion of pushfleet
_pushfleet() {
  local command=\${COMP_WORDS[1]} current=\${COMP_WORDS[COMP_CWORD]} option value words i
  COMPREPLY=()
  if [ "$COMP_CWORD" = 1 ]; then
    COMPREPLY=($(compgen -W ${quoted(commands.map(({ name }) => name).join(" "))} -- "$current"))
    return
  fi
  # Behind "run -- COMMAND" it is the command's turn.
  for ((i = 2; i < COMP_CWORD; i++)); do
    if [ "\${COMP_WORDS[i]}" = -- ]; then COMPREPLY=($(compgen -c -f -- "$current")); return; fi
  done
  # bash makes "--ca", "=" and "FILE" three words of --ca=FILE.
  if [ "$current" = = ]; then option=\${COMP_WORDS[COMP_CWORD - 1]} value=
  elif [ "\${COMP_WORDS[COMP_CWORD - 1]}" = = ]; then option=\${COMP_WORDS[COMP_CWORD - 2]} value=$current
  else option=\${COMP_WORDS[COMP_CWORD - 1]} value=$current
  fi
  case $command$option in
${values.join("\n")}
  esac
  case $command in
${cases.join("\n")}
    *) return ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current") $(case $current in -*) ;; *) compgen -f -- "$current" ;; esac))
  case \${COMPREPLY-} in *=) compopt -o nospace 2>/dev/null ;; esac
}
complete -o filenames -F _pushfleet pushfleet
`;
}

function zsh(commands: readonly Command[]): string {
  const list = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  const cases = commands.map((command) => {
    const specs = typedOptions(command).map(({ flag, help, value }) => {
      const text = `[${help.replace(/[[\]\\:]/g, "\\$&")}]`;
      return value === undefined ? `${flag}${text}` : `*${flag}=${text}:value:${zshAction(value)}`;
    });
    const words = wordsOf(command);
    const operands =
      command.operands.kind === "command"
        ? ["*::command:_normal"]
        : command.operands.kind === "none"
          ? []
          : [words.length === 0 ? "1:file:_files" : `1:what:(${words.join(" ")})`];
    return `    ${command.name}) _arguments ${[...specs, ...operands].map(quoted).join(" ")} ;;`;
  });
  return `#compdef pushfleet
_pushfleet() {
  local -a commands
  commands=(
${list.join("\n")}
  )
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  local command=$words[2]
  shift words; (( CURRENT-- ))
  case $command in
${cases.join("\n")}
  esac
}
if [ "$funcstack[1]" = _pushfleet ]; then _pushfleet "$@"; else compdef _pushfleet pushfleet; fi
`;
}

function zshAction({ words, kind }: NonNullable<Typed["value"]>): string {
  if (words.length > 0) return `(${words.join(" ")})`;
  return { file: "_files", directory: "_files -/", any: " " }[kind];
}

function fish(commands: readonly Command[]): string {
  const lines = commands.flatMap((command) => {
    const only = `-n ${quoted(`__fish_seen_subcommand_from ${command.name}`)}`;
    const options = typedOptions(command).map(({ flag, help, value }) => {
      const long = `complete -c pushfleet ${only} -l ${flag.slice(2)} -d ${quoted(help)}`;
      if (value === undefined) return long;
      if (value.words.length > 0) return `${long} -x -a ${quoted(value.words.join(" "))}`;
      if (value.kind === "file") return `${long} -r -F`;
      return value.kind === "directory" ? `${long} -x -a '(__fish_complete_directories)'` : `${long} -x`;
    });
    const words = wordsOf(command).map((word) => `complete -c pushfleet ${only} -f -a ${quoted(word)}`);
    return [
      `complete -c pushfleet -n __fish_use_subcommand -f -a ${command.name} -d ${quoted(command.summary)}`,
      ...options,
      ...words,
    ];
  });
  return `# fish completion of pushfleet\n${lines.join("\n")}\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
