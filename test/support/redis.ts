/** A Redis server of a test's own: a spawned `redis-server` where there is one, else a container. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface RedisOptions {
  /** Further settings, as in redis.conf, e.g. `{ "maxmemory-policy": "allkeys-lru" }`. Persistence is off unless set. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface RedisServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  /** The server keeps its connections but answers nothing until `resume`. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends the server at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts the server again on the same port, after `kill`; what was not persisted is gone. */
  restart(): Promise<void>;
}

/** Resolves when the server answers PING. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const settings = { save: "", appendonly: "no", ...options.settings };
  if (await runs("redis-server", ["--version"])) return await spawnServer(settings);
  const inContainer = await startContainer(settings);
  if (inContainer !== undefined) return inContainer;
  throw new Error(
    "this test needs a Redis server: install one (apt-get install redis-server) or start Docker",
  );
}

async function spawnServer(settings: Readonly<Record<string, string>>): Promise<RedisServer> {
  const host = "127.0.0.1";
  const port = await freePort(host);
  const directory = await mkdtemp(join(tmpdir(), "pushfleet-redis-"));
  const all = { bind: host, port: String(port), dir: directory, ...settings };
  const start = async (): Promise<ChildProcess> => {
    const started = spawn(
      "redis-server",
      Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]),
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    let log = "";
    started.stdout.on("data", (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-4000);
    });
    await untilPong({ host, port }, () => {
      if (started.exitCode !== null) throw new Error(`redis-server ended with ${started.exitCode}:\n${log}`);
    });
    return started;
  };
  const kill = async (child: ChildProcess): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  };

  let server = await start();
  return {
    host,
    port,
    url: `redis://${host}:${port}`,
    pause: async () => void server.kill("SIGSTOP"),
    resume: async () => void server.kill("SIGCONT"),
    kill: () => kill(server),
    restart: async () => {
      server = await start();
    },
    [Symbol.asyncDispose]: async () => {
      await kill(server);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function startContainer(settings: Readonly<Record<string, string>>): Promise<RedisServer | undefined> {
  if (!(await runs("docker", ["info"]))) return undefined;
  const { GenericContainer } = await import("testcontainers");
  const outside = await freePort("127.0.0.1");
  const container = await new GenericContainer("redis:7")
    .withExposedPorts({ container: 6379, host: outside })
    .withCommand([
      "redis-server",
      ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    ])
    .start();
  const [host, port, id] = [container.getHost(), outside, container.getId()];
  const docker = async (command: string): Promise<void> => {
    if (!(await runs("docker", [command, id]))) throw new Error(`docker ${command} ${id} failed`);
  };
  await untilPong({ host, port });
  return {
    host,
    port,
    url: `redis://${host}:${port}`,
    pause: () => docker("pause"),
    resume: () => docker("unpause"),
    kill: () => docker("kill"),
    restart: async () => {
      await docker("start");
      await untilPong({ host, port });
    },
    [Symbol.asyncDispose]: async () => void (await container.stop()),
  };
}

/** Whether the command can be started and ends well. */
async function runs(command: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(command, args, { stdio: "ignore" });
  return await new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}

async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

const startTimeoutMs = 20_000;
const pollMs = 10;

/** Asks until the server answers; `check` may throw when there is no hope. */
async function untilPong(address: Address, check: () => void = () => {}): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  while (!(await answersPing(address))) {
    check();
    if (performance.now() > deadline) throw new Error(`no Redis at ${address.host}:${address.port}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

function answersPing({ host, port }: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket: Socket = connect({ host, port, timeout: 1000 });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => socket.write("PING\r\n"));
    // An error reply (loading, password needed) is not an answer yet, or an answer all the same.
    socket.once("data", (chunk) => settle(/^(\+PONG|-NOAUTH)/.test(chunk.toString())));
    socket.once("error", () => settle(false));
    socket.once("timeout", () => settle(false));
    socket.once("close", () => settle(false));
  });
}
