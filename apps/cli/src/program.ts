import { readFileSync } from "node:fs";
import { commands, loadAllCommands } from "./commands.ts";
import type { Context } from "./context.ts";
import { Failure } from "./failure.ts";
import { UsageError } from "./usage-error.ts";

/** Runs the command that the arguments name. Resolves to the exit code: 0, 1 when it failed, 2 for wrong usage, or the command's own. */
export async function runProgram(args: readonly string[], context: Context): Promise<number> {
  const [name = "--help", ...rest] = args;
  try {
    if (name === "--help" || name === "-h" || name === "help") return await showHelp(rest, context);
    if (name === "--version") {
      context.stdout.write(`pushfleet ${packageVersion()} (${process.version})\n`);
      return 0;
    }
    const command = await loadCommand(name);
    const running = command.invoke(rest, context);
    return running === undefined ? await showHelp([name], context) : await running;
  } catch (error) {
    return complain(error, name, context);
  }
}

async function loadCommand(name: string) {
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) throw new UsageError(`there is no command "${name}"`);
  return load();
}

async function showHelp([name]: readonly string[], { stdout }: Context): Promise<number> {
  const { commandHelp, overview } = await import("./command/help.ts");
  stdout.write(name === undefined ? overview(await loadAllCommands()) : commandHelp(await loadCommand(name)));
  return 0;
}

async function complain(error: unknown, name: string, { warn }: Context): Promise<number> {
  if (error instanceof UsageError) {
    const command = Object.hasOwn(commands, name) ? ` ${name}` : "";
    warn(`${error.message}; pushfleet${command} --help tells what there is`);
    return 2;
  }
  if (error instanceof Failure) {
    warn(error.message);
    return 1;
  }
  const { ClientError } = await import("@pushfleet/client");
  if (!(error instanceof ClientError) && !isOfSystem(error)) throw error;
  warn(error.message);
  return error.code === "bad-option" ? 2 : 1;
}

/** Such as a directory that may not be read: the message says what and where. */
function isOfSystem(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const { version } = manifest as { version: string }; // Our own file, which npm requires to have a version.
  return version;
}
