import { type ChildProcess, spawn } from "node:child_process";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { setTimeout as delay } from "node:timers/promises";

/** A server that a test started. Disposing it kills it with SIGKILL and waits until it is gone. */
export interface ServerProcess extends AsyncDisposable {
  readonly pid: number;
  /** All it has written to stdout and stderr so far, in the order it arrived. */
  output(): string;
  /** Sends the signal; resolves when the process has ended, to its exit code (null when a signal ended it). */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Sends the signal and does not wait, e.g. SIGSTOP and SIGCONT. */
  signal(signal: NodeJS.Signals): void;
  /** Resolves when the process has ended, by whatever cause. */
  readonly exited: Promise<number | null>;
}

export interface ServerProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** It gets the processor time that all others leave over: `chrt --idle`. */
  readonly yields?: boolean;
  /** Added to the environment of the test. */
  readonly env?: Readonly<Record<string, string>>;
  /** Answers 200 once the server can be used; with https: whatever its certificate is. */
  readonly readyUrl: string;
  /** Milliseconds until a server that is not ready counts as failed. */
  readonly readyTimeoutMs?: number;
  /** What to tell whoever lacks the command, e.g. which package to install. */
  readonly missing?: string;
}

/** Starts a server and resolves when it is ready; rejects with its output when it ends or stays silent. */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const whole = [options.command, ...options.args];
  const [command = "", ...args] = options.yields === true ? ["chrt", "--idle", "0", ...whole] : whole;
  const child = spawn(command, args, {
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const server = watch(child, options);
  const deadline = Date.now() + (options.readyTimeoutMs ?? (options.yields === true ? 60_000 : 15_000));
  for (;;) {
    const ended = await Promise.race([server.exited.then(() => true), delay(20, false)]);
    const failure = ended ? "ended" : Date.now() > deadline ? "is not ready in time" : undefined;
    if (failure !== undefined) {
      await server[Symbol.asyncDispose]();
      throw new Error(`${options.command} ${failure}:\n${server.output()}`);
    }
    if (await answersOk(options.readyUrl)) return server;
  }
}

function watch(child: ChildProcess, options: ServerProcessOptions): ServerProcess {
  const chunks: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk));
  const exited = new Promise<number | null>((resolve) => {
    child.once("exit", resolve);
    child.once("error", (error) => {
      chunks.push(Buffer.from(`${error.message}\n${options.missing ?? ""}\n`));
      resolve(null);
    });
  });
  // A test run that ends early must not leave servers behind.
  const killOnExit = () => child.kill("SIGKILL");
  process.once("exit", killOnExit);
  void exited.then(() => process.off("exit", killOnExit));

  const stop = (signal: NodeJS.Signals = "SIGTERM") => {
    child.kill(signal);
    return exited;
  };
  return {
    pid: child.pid ?? -1,
    output: () => Buffer.concat(chunks).toString(),
    stop,
    signal: (signal) => void child.kill(signal),
    exited,
    [Symbol.asyncDispose]: async () => void (await stop("SIGKILL")),
  };
}

function answersOk(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = url.startsWith("https:") ? requestHttps : requestHttp;
    const probe = request(url, { agent: false, timeout: 1_000, rejectUnauthorized: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    probe.on("timeout", () => probe.destroy());
    probe.on("error", () => resolve(false));
    probe.end();
  });
}
