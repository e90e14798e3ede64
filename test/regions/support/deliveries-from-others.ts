import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { federatorToken } from "./region.ts";

/** What two other regions would bring to this one, without the processor time that they would take for themselves. */
export interface DeliveriesFromOthers extends AsyncDisposable {
  /** From now on there is one from each of the two so often. */
  start(everyMs?: number): void;
  stop(): void;
  /** Batches answered 200 so far, and the answers that were not. */
  taken(): number;
  refusals(): readonly string[];
}

const main = fileURLToPath(new URL("deliveries-main.ts", import.meta.url));

/** Nothing is delivered before `start`; then so many groups each time. */
export function deliverTo(target: string, groups: number): DeliveriesFromOthers {
  const child = spawn(process.execPath, [main, target, `${groups}`], {
    env: { ...process.env, TOKEN: federatorToken },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const killOnExit = () => child.kill("SIGKILL");
  process.once("exit", killOnExit);
  let output = "";
  child.stdout.on("data", (text: Buffer) => {
    output += text.toString();
  });
  const answers = () => output.split("\n").slice(0, -1);
  const isTaken = (answer: string) => answer.startsWith("200 ");
  return {
    start: (everyMs = 1_000) => void child.stdin.write(`${everyMs}\n`),
    stop: () => void child.stdin.write("0\n"),
    taken: () => answers().filter(isTaken).length,
    refusals: () => answers().filter((answer) => !isTaken(answer)),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exited;
      process.off("exit", killOnExit);
    },
  };
}
