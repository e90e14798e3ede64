import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";
import type { AttackName } from "./attacks.ts";

/** How often an attacker was answered with what: status codes, and names of what else became of its connections. */
type Tally = Readonly<Record<string, number>>;

/** One attacking process. Disposing kills it. */
export interface Attacker extends AsyncDisposable {
  readonly attack: AttackName;
  begin(): void;
  /** Empty until something has come of the attack. */
  tally(): Tally;
}

const program = fileURLToPath(new URL("attacker.ts", import.meta.url));

/** Resolves once all that will be sent is made, so that the attack can begin. */
export async function prepareAttacker(attack: AttackName, ports: readonly number[]): Promise<Attacker> {
  const child = spawn(process.execPath, [program, attack, ...ports.map(String)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  // A test run that ends early must not leave attackers behind.
  const killOnExit = () => child.kill("SIGKILL");
  process.once("exit", killOnExit);
  let tally: Tally | undefined;
  createInterface({ input: child.stdout }).on("line", (line) => {
    tally = JSON.parse(line); // our own program's
  });
  await vi.waitUntil(() => tally !== undefined, { timeout: 30_000, interval: 20 });
  return {
    attack,
    begin() {
      yieldProcessors(child.pid ?? 0);
      child.stdin.write("begin\n");
    },
    tally: () => tally ?? {},
    async [Symbol.asyncDispose]() {
      process.off("exit", killOnExit);
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/**
 * Real attackers have machines of their own; here they must not have the processors that the gateway would use. Scheduled as
 * idle they get what nobody else wants, at once taken back; merely nice they would hold on for milliseconds.
 */
function yieldProcessors(pid: number): void {
  const { status, error } = spawnSync("chrt", ["--all-tasks", "--idle", "--pid", "0", String(pid)]);
  if (status !== 0) throw new Error("chrt (Debian package util-linux) failed", { cause: error });
}
