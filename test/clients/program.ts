import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Command, Pusher } from "./client.ts";

/**
 * Starts a program that uses a client library. It is told what to do line by line, and answers each with a line. Fields are
 * separated by tabs:
 *
 *     push|add|delete  all|gauge  URL  [user:password]  [gzip]  job  JOB  [NAME  VALUE]...
 *
 * The answer is `ok`, or `failed: ` and what the client said. What `all` and `gauge` are, expositions/ has.
 */
export function startProgram(command: string, args: readonly string[]): Pusher {
  const child = spawn(command, args, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, LC_ALL: "C.UTF-8" },
  });
  const exited = once(child, "exit");
  exited.catch(() => undefined); // Told by the first command.
  let complaints = "";
  child.stderr.on("data", (chunk: Buffer) => (complaints += chunk));
  child.stdin.on("error", () => undefined); // It has ended, and the missing answer says so.
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    async send(message) {
      child.stdin.write(`${lineOf(message)}\n`);
      const { value: answer } = await answers.next();
      if (answer === "ok") return undefined;
      if (answer?.startsWith("failed: ")) return answer.slice("failed: ".length);
      await exited;
      throw new Error(`${command} answers ${JSON.stringify(answer)}:\n${complaints}`);
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited.catch(() => undefined);
    },
  };
}

function lineOf({ operation, metrics, url, login, compression, labels }: Command): string {
  return [operation, metrics, url, login ?? "", compression ?? "", ...labels.flat()].join("\t");
}
