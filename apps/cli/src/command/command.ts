import type { Context } from "../context.ts";
import type { CommandOptions, OptionValues } from "./option.ts";
import { readArguments } from "./read-arguments.ts";

/** What may stand on a command line beside options. */
export type Operands =
  | { readonly kind: "none" }
  | {
      readonly kind: "one";
      readonly placeholder: string;
      readonly isOptional: boolean;
      /** The only ones there are; absent = any, such as the names of files. */
      readonly words?: readonly string[];
    }
  /** A command with its arguments: from the first operand on, nothing is an option. */
  | { readonly kind: "command" };

interface Example {
  readonly what: string;
  /** As typed into a shell. */
  readonly command: string;
}

interface Description {
  readonly name: string;
  /** One line for the list of all commands. */
  readonly summary: string;
  /** Paragraphs for its own help. */
  readonly description: readonly string[];
  readonly operands: Operands;
  readonly examples: readonly Example[];
  /** Exit codes beside the usual ones, or in their place. */
  readonly exitCodes?: readonly (readonly [code: string, meaning: string])[];
}

interface Given<O> {
  readonly options: OptionValues<O>;
  readonly operands: readonly string[];
}

interface CommandSpec<O extends CommandOptions> extends Description {
  readonly options: O;
  /** Resolves to the exit code. Rejects UsageError, Failure or ClientError for people to read. */
  run(given: Given<O>, context: Context): Promise<number>;
}

/** A command of the program, whatever its options are. */
export interface Command extends Description {
  readonly options: CommandOptions;
  /** Reads its arguments and runs it; undefined when they ask for help. */
  invoke(args: readonly string[], context: Context): Promise<number> | undefined;
}

export function defineCommand<const O extends CommandOptions>(spec: CommandSpec<O>): Command {
  return {
    ...spec,
    invoke(args, context) {
      const { help, options, operands } = readArguments(spec, args, context.env);
      return help ? undefined : spec.run({ options, operands }, context);
    },
  };
}
