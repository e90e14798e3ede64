import { readFileSync } from "node:fs";
import { benchCommand } from "../apps/cli/src/bench/command.ts";
import type { Command } from "../apps/cli/src/command/command.ts";
import { commandHelp } from "../apps/cli/src/command/help.ts";
import { completionCommand } from "../apps/cli/src/completion/command.ts";
import { deleteCommand } from "../apps/cli/src/delete/command.ts";
import { doctorCommand } from "../apps/cli/src/doctor/command.ts";
import { getCommand } from "../apps/cli/src/get/command.ts";
import { groupsCommand } from "../apps/cli/src/groups/command.ts";
import { migrateCommand } from "../apps/cli/src/migrate/command.ts";
import { pushCommand } from "../apps/cli/src/push/command.ts";
import { runCommand } from "../apps/cli/src/run/command.ts";
import { spoolCommand } from "../apps/cli/src/spool/command.ts";

const commands: readonly Command[] = [
  runCommand,
  pushCommand,
  deleteCommand,
  groupsCommand,
  getCommand,
  migrateCommand,
  doctorCommand,
  benchCommand,
  spoolCommand,
  completionCommand,
];

const mark = "<!-- From here on written by npm run docs. -->\n";

/** docs/cli.md: what people wrote, and behind the mark what `--help` says. */
export function cliDocument(): string {
  const [written = ""] = readFileSync(new URL("../docs/cli.md", import.meta.url), "utf8").split(mark);
  const helps = commands.map((command) => `\n\`\`\`text\n${commandHelp(command)}\`\`\`\n`);
  return written + mark + helps.join("");
}
