import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { type GatewayOptions, startGateway } from "../support/gateway.ts";
import type { ServerProcess } from "../support/process.ts";

/** A gateway with a web configuration file of its own in a directory of its own. */
export interface ConfiguredGateway extends AsyncDisposable {
  readonly port: number;
  readonly directory: string;
  readonly file: string;
  readonly process: ServerProcess;
  /** Puts a text in place of the file and tells the gateway; resolves when it has read it, whether or not it could use it. */
  configure(text: string): Promise<void>;
}

/** `text` is what the file says at first. */
export async function startConfigured(
  text = "",
  options: GatewayOptions & { readonly directory?: string } = {},
): Promise<ConfiguredGateway> {
  const directory = options.directory ?? (await temporaryDirectory());
  const file = join(directory, "web.yml");
  await writeFile(file, text);
  const { flags = [], ...rest } = options;
  const starting = startGateway({ ...rest, flags: [`--web.config.file=${file}`, ...flags] });
  const gateway = await starting.catch(async (error: unknown) => {
    await rm(directory, { recursive: true });
    throw error;
  });
  const timesRead = () => gateway.process.output().split(file).length;
  return {
    port: Number(new URL(gateway.url).port),
    directory,
    file,
    process: gateway.process,
    async configure(next) {
      const before = timesRead();
      await replace(file, next);
      gateway.process.signal("SIGHUP");
      await vi.waitUntil(() => timesRead() > before, { timeout: 10_000, interval: 5 });
    },
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
}

export function temporaryDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), "pushfleet-tls-"));
}

/** At once, as who reads it sees either the old content or the new. */
export async function replace(file: string, content: string): Promise<void> {
  await writeFile(`${file}.new`, content);
  await rename(`${file}.new`, file);
}
