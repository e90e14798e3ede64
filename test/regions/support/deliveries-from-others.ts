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

export interface DeliveryOptions {
  /** In each delivery. */
  readonly groups: number;
  /** How often each of the two may deliver in all. */
  readonly batches: number;
}

/** Resolves when all deliveries are made. None is on its way before `start`. */
export async function deliverTo(
  target: string,
  { groups, batches }: DeliveryOptions,
): Promise<DeliveriesFromOthers> {
  // It yields: other regions have machines of their own.
  const args = ["--idle", "0", process.execPath, main, target, `${groups}`, `${batches}`];
  const child = spawn("chrt", args, {
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
  await once(child.stdout, "data");
  const answers = () => output.split("\n").slice(1, -1);
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
