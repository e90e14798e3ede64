import type { Command } from "./command/command.ts";

/** All commands, in the order of the help. Each is loaded only when it is wanted: a job must not wait for what it does not use. */
export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import("./run/command.ts")).runCommand,
  push: async () => (await import("./push/command.ts")).pushCommand,
  delete: async () => (await import("./delete/command.ts")).deleteCommand,
  groups: async () => (await import("./groups/command.ts")).groupsCommand,
  get: async () => (await import("./get/command.ts")).getCommand,
  migrate: async () => (await import("./migrate/command.ts")).migrateCommand,
  doctor: async () => (await import("./doctor/command.ts")).doctorCommand,
  bench: async () => (await import("./bench/command.ts")).benchCommand,
  spool: async () => (await import("./spool/command.ts")).spoolCommand,
  completion: async () => (await import("./completion/command.ts")).completionCommand,
};

export function loadAllCommands(): Promise<readonly Command[]> {
  return Promise.all(Object.values(commands).map((load) => load()));
}
