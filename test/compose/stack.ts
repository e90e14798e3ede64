/** The cluster of docker-compose.yml, under a project name, image name and ports of its own. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export interface Stack extends AsyncDisposable {
  /** The load balancer, as jobs reach it. */
  readonly url: string;
  readonly prometheusUrl: string;
  /** Where a port of a container is published. */
  urlOf(service: string, port: number): Promise<string>;
  /** `docker compose …` on this stack. Resolves to what it printed; rejects with all output when it fails. */
  compose(...args: string[]): Promise<string>;
  /** GET by the program in the container itself, for what is not published. Rejects unless the answer is 200. */
  getInside(service: string, path: string, port: number): Promise<string>;
  /** `redis-cli` in the container of a Redis or Sentinel. */
  redisCli(service: string, ...args: string[]): Promise<string>;
}

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

export interface StackOptions {
  /** Parts that are not started otherwise, e.g. `regions`. */
  readonly profile?: string;
}

/** Why no stack can be had here; undefined when one can. Pulls the images that are missing. */
export async function whyNoStack(): Promise<string | undefined> {
  try {
    await run("docker", ["info"], { timeout: 20_000 });
  } catch {
    return "no Docker engine answers";
  }
  try {
    await run("docker", ["compose", "version"]);
  } catch {
    return "Docker has no Compose v2 (docker compose)";
  }
  for (const image of await images()) {
    try {
      await run("docker", ["image", "inspect", image]);
    } catch {
      try {
        await run("docker", ["pull", "--quiet", image], { timeout: 120_000 });
      } catch {
        return `the image ${image} is neither here nor can it be pulled`;
      }
    }
  }
  return undefined;
}

/** Builds the image and starts everything; resolves when all of it is healthy. One at a time in a process. */
export async function startStack({ profile = "" }: StackOptions = {}): Promise<Stack> {
  const name = `pushfleet-test-${process.pid}`;
  const env = {
    ...process.env,
    PUSHFLEET_IMAGE: name,
    PUBLISH_ADDRESS: "127.0.0.1",
    // Free ones.
    PUSHFLEET_PORT: "0",
    PROMETHEUS_PORT: "0",
    ALERTMANAGER_PORT: "0",
    PUSHFLEET_WEST_PORT: "0",
    PROMETHEUS_WEST_PORT: "0",
    COMPOSE_PROFILES: profile,
  };
  const compose = async (...args: string[]) => {
    const options = { cwd: root, env, maxBuffer: 64 * 1024 * 1024 };
    const { stdout } = await run("docker", ["compose", "--project-name", name, ...args], options);
    return stdout;
  };
  const urlOf = async (service: string, port: number) =>
    `http://${(await compose("port", service, String(port))).trim()}`;
  const stop = async () => {
    await compose("down", "--volumes", "--remove-orphans", "--timeout", "2");
    await run("docker", ["image", "rm", "--force", name]);
  };
  try {
    await compose("up", "--detach", "--build", "--wait", "--wait-timeout", "240", "--quiet-pull");
    return {
      url: await urlOf("haproxy", 9091),
      prometheusUrl: await urlOf("prometheus", 9090),
      urlOf,
      compose,
      getInside: (service, path, port) =>
        compose("exec", "-T", service, "node", "ops/docker/probe.mjs", path, String(port)),
      redisCli: (service, ...args) => compose("exec", "-T", service, "redis-cli", ...args),
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    const logs = await compose("logs", "--no-color", "--tail", "20").catch(String);
    await stop().catch(() => {}); // The start is what went wrong; it is reported.
    throw new Error(`the stack does not start:\n${logs}`, { cause: error });
  }
}

/** Those that the compose file names and does not build, and the one that ours is built on. */
async function images(): Promise<string[]> {
  const { stdout } = await run("docker", ["compose", "config", "--format", "json"], { cwd: root });
  // Compose's own format.
  const { services } = JSON.parse(stdout) as {
    services: Record<string, { image?: string; build?: unknown }>;
  };
  const named = Object.values(services).flatMap(({ image, build }) =>
    image === undefined || build !== undefined ? [] : [image],
  );
  const dockerfile = readFileSync(new URL("../../ops/docker/Dockerfile", import.meta.url), "utf8");
  const base = /^FROM (\S+) AS base$/m.exec(dockerfile)?.[1];
  if (base === undefined) throw new Error("ops/docker/Dockerfile has no base image");
  return [...new Set([...named, base])];
}
