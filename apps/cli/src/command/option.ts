import type { Option } from "@pushfleet/config/option";

/** An option of a command: those of the gateway's kind, and what only a command line needs to know of them. */
export type CommandOption<T> = Option<T> & {
  /** The environment variable that stands for it; the flag wins. */
  readonly variable?: string;
  /** Without it the command does not run. */
  readonly isRequired?: boolean;
  /** Under which heading the help has it; absent = that of the command's own. */
  readonly section?: string;
  /** What a shell completes its value with; absent = the words of the placeholder `a|b`, if it has some. */
  readonly completes?: "file" | "directory";
};

export type CommandOptions = Readonly<Record<string, CommandOption<unknown>>>;

export type OptionValues<O> = { readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never };

/** The option with what a command line needs to know of it. */
export function described<T>(
  option: Option<T>,
  details: Pick<CommandOption<T>, "variable" | "isRequired" | "section" | "completes">,
): CommandOption<T> {
  return { ...option, ...details };
}
