import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Redis, type RedisOptions } from "ioredis";

/** A `redis-server`, or a Sentinel, with a directory and a configuration file of its own. Disposing kills it. */
export interface RedisProcess extends AsyncDisposable {
  /** As a crash does. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** After `kill`: starts it again from the same directory and the configuration as the process left it. */
  restart(): Promise<void>;
  /** It keeps its connections and answers nothing. */
  freeze(): void;
  thaw(): void;
  /** One command on a connection of its own. Rejects when there is no answer within a second. */
  command(...words: readonly string[]): Promise<unknown>;
  log(): string;
}

export interface RedisProcessOptions {
  readonly mode: "server" | "sentinel";
  readonly host: string;
  readonly port: number;
  /** Exists, is empty, and is the caller's to remove. */
  readonly directory: string;
  /** Lines of the configuration file beside address and directory. */
  readonly settings: readonly string[];
  /** What `command` needs beside the address where the settings ask for TLS or a password. */
  readonly client?: Pick<RedisOptions, "username" | "password" | "tls">;
  /** Added to the environment of the test. */
  readonly env?: Readonly<Record<string, string>>;
}

const startTimeoutMs = 20_000;

/** Resolves when the process answers. */
export async function startRedisProcess(options: RedisProcessOptions): Promise<RedisProcess> {
  const { mode, host, port, directory, client } = options;
  const file = join(directory, `${mode}.conf`);
  // Sentinels, and a Redis that they tell to, rewrite their file.
  await writeFile(
    file,
    [`bind ${host}`, `port ${port}`, `dir ${directory}`, ...options.settings, ""].join("\n"),
  );
  const log: Buffer[] = [];
  const command = (...words: readonly string[]) => redisCommand({ host, port, ...client }, words);
  let child = await start();
  // A test run that ends early must not leave servers behind.
  const killOnExit = () => child.kill("SIGKILL");
  process.once("exit", killOnExit);

  async function start(): Promise<ChildProcess> {
    const args = mode === "sentinel" ? [file, "--sentinel"] : [file];
    const started = spawn("redis-server", args, {
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    started.stdout.on("data", (chunk: Buffer) => log.push(chunk));
    started.stderr.on("data", (chunk: Buffer) => log.push(chunk));
    const failed = new Promise<Error>((resolve) => {
      started.once("error", () =>
        resolve(new Error("redis-server is missing: apt-get install redis-server")),
      );
      started.once("exit", () => resolve(new Error(`redis-server ended:\n${Buffer.concat(log).toString()}`)));
    });
    const deadline = Date.now() + startTimeoutMs;
    for (;;) {
      const answer = await Promise.race([failed, command("ping").catch(() => undefined)]);
      if (answer === "PONG") return started;
      if (answer instanceof Error) throw answer;
      if (Date.now() > deadline) throw new Error(`no ${mode} at ${host}:${port} in time`);
      await delay(20);
    }
  }

  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  return {
    kill,
    async restart() {
      child = await start();
    },
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    command,
    log: () => Buffer.concat(log).toString(),
    async [Symbol.asyncDispose]() {
      process.off("exit", killOnExit);
      await kill();
    },
  };
}

/** One command on a connection of its own. Rejects when there is no answer within a second. */
export async function redisCommand(
  server: { host: string; port: number } & RedisProcessOptions["client"],
  words: readonly string[],
): Promise<unknown> {
  const client = new Redis({
    ...server,
    lazyConnect: true,
    connectTimeout: 1_000,
    commandTimeout: 1_000,
    enableReadyCheck: false,
    retryStrategy: null,
    disableClientInfo: true,
  });
  // The rejection of the command tells the same.
  client.on("error", () => {});
  const [name = "", ...rest] = words;
  try {
    await client.connect();
    return await client.call(name, ...rest);
  } finally {
    client.disconnect();
  }
}
