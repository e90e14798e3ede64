import { useApi } from "../api/api-context.tsx";
import { CommandLine } from "./command-line.tsx";
import { deleteCommand, mergeCommand, pushCommand } from "./commands.ts";

/** @param pushPath From `/metrics/job/` on. */
export function GroupCommands({ pushPath }: { readonly pushPath: string }) {
  const url = useApi().addressOf(pushPath);
  return (
    <section className="card" aria-label="Commands">
      <h2>Commands</h2>
      <CommandLine label="Push, replacing all metrics of the group" command={pushCommand(url)} />
      <CommandLine label="Push, replacing only the families pushed" command={mergeCommand(url)} />
      <CommandLine label="Delete the group" command={deleteCommand(url)} />
    </section>
  );
}
