/** Machines of a test's own: network namespaces on one bridge, which is in a namespace too, so that nothing else is touched. */
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { promisify } from "node:util";

export interface Network extends AsyncDisposable {
  readonly machines: ReadonlyMap<string, Machine>;
}

export interface Machine {
  readonly address: string;
  /** Starts a program that goes on running. It is killed with the network, at the latest. */
  start(command: string, args: readonly string[], env?: Readonly<Record<string, string>>): Program;
  /** Runs a program to its end. Resolves to what it printed; rejects when it fails. */
  run(command: string, ...args: string[]): Promise<string>;
  /** The addresses that the machine has at this moment. */
  addresses(): Promise<readonly string[]>;
}

export interface Program {
  /** All it has printed so far. */
  output(): string;
  /** Ends it at once, as a crash does; resolves when it is gone. */
  kill(): Promise<void>;
}

const run = promisify(execFile);
const prefixLength = 24;

/** Why namespaces cannot be had here; undefined when they can. */
export async function whyNoNetwork(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return "network namespaces need root";
  const trial = `pushfleet-${process.pid}`;
  try {
    await run("ip", ["netns", "add", trial]);
    await run("ip", ["netns", "delete", trial]);
    return undefined;
  } catch (error) {
    return `no network namespaces: ${error instanceof Error ? error.message.trim() : String(error)}`;
  }
}

/** Makes one machine for each name and address; all reach each other. Each has its network as `eth0`. */
export async function createNetwork(addresses: ReadonlyMap<string, string>): Promise<Network> {
  const namespace = (name: string) => `pushfleet-${process.pid}-${name}`;
  const bridge = namespace("bridge");
  const namespaces = [bridge, ...[...addresses.keys()].map(namespace)];
  const remove = () => namespaces.forEach(removeNamespace);
  // A test run that ends early must leave nothing behind either.
  process.once("exit", remove);
  const dispose = () => {
    process.off("exit", remove);
    remove();
  };
  try {
    for (const name of namespaces) await ip("netns", "add", name);
    await ip("-n", bridge, "link", "add", "bridge", "type", "bridge");
    await ip("-n", bridge, "link", "set", "bridge", "up");
    for (const [name, address] of addresses) {
      const inside = namespace(name);
      await ip("-n", bridge, "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", inside);
      await ip("-n", bridge, "link", "set", name, "master", "bridge", "up");
      await ip("-n", inside, "address", "add", `${address}/${prefixLength}`, "dev", "eth0");
      await ip("-n", inside, "link", "set", "eth0", "up");
      await ip("-n", inside, "link", "set", "lo", "up");
    }
  } catch (error) {
    dispose();
    throw error;
  }
  return {
    machines: new Map([...addresses].map(([name, address]) => [name, machine(namespace(name), address)])),
    [Symbol.asyncDispose]: async () => dispose(),
  };
}

async function ip(...args: string[]): Promise<string> {
  return (await run("ip", args)).stdout;
}

function machine(namespace: string, address: string): Machine {
  const inside = (command: string, args: readonly string[]) => ["netns", "exec", namespace, command, ...args];
  return {
    address,
    start(command, args, env = {}) {
      // `ip netns exec` becomes the command, so the child's process id is the command's.
      return watch(
        spawn("ip", inside(command, args), {
          env: { ...process.env, ...env },
          stdio: ["ignore", "pipe", "pipe"],
        }),
      );
    },
    run: (command, ...args) => ip(...inside(command, args)),
    async addresses() {
      const lines = await ip("-n", namespace, "-4", "-oneline", "address", "show", "dev", "eth0");
      return [...lines.matchAll(/ inet ([\d.]+)/g)].flatMap((match) => match[1] ?? []);
    },
  };
}

function watch(child: ChildProcess): Program {
  const chunks: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk));
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", (error) => {
      chunks.push(Buffer.from(`${error.message}\n`));
      resolve();
    });
  });
  return {
    output: () => Buffer.concat(chunks).toString(),
    kill() {
      child.kill("SIGKILL");
      return gone;
    },
  };
}

/** Ends all that runs in it, and the namespace with its devices. Does nothing when it does not exist. */
function removeNamespace(name: string): void {
  try {
    const processes = execFileSync("ip", ["netns", "pids", name], { stdio: ["ignore", "pipe", "ignore"] });
    for (const id of processes.toString().trim().split("\n").filter(Boolean)) kill(Number(id));
    execFileSync("ip", ["netns", "delete", name], { stdio: "ignore" });
  } catch {
    // It was never made, because making an earlier one failed.
  }
}

function kill(id: number): void {
  try {
    process.kill(id, "SIGKILL");
  } catch {
    // It has ended since.
  }
}
