import { once } from "node:events";
import type { Server } from "node:http";
import { formatListenAddress, type ListenAddress } from "@pushfleet/config";
import { createApp } from "./app.ts";
import { type Context, StartError } from "./context.ts";
import { serverFactory } from "./http-server.ts";

export interface RunningServer {
  /** Takes no new connections, lets requests in progress finish, then closes the store. */
  stop(): Promise<void>;
}

/** The first descriptor that systemd hands over (sd_listen_fds(3)). */
const systemdDescriptor = 3;

/** Listens on all addresses. Rejects StartError, with everything closed again, when one of them cannot be had. */
export async function startServer(context: Context): Promise<RunningServer> {
  const { config, log, store, warmer } = context;
  const createServer = serverFactory(createApp(context));
  const servers: Server[] = [];
  const stop = async () => {
    await Promise.all(servers.map(closeServer));
    await warmer.stop();
    await store.close();
    log.info("stopped");
  };
  try {
    if (config["web.systemd-socket"]) {
      const server = await listen(createServer(), { fd: systemdSocket() }, "--web.systemd-socket");
      servers.push(server);
    } else {
      for (const address of config["web.listen-address"])
        servers.push(await listenOn(createServer(), address));
    }
  } catch (error) {
    await stop();
    throw error;
  }
  for (const server of servers)
    log.info({ address: addressOf(server), store: storeName(context) }, "listening");
  return { stop };
}

function listenOn(server: Server, address: ListenAddress): Promise<Server> {
  const target = address.host === "" ? { port: address.port } : address;
  return listen(server, target, `--web.listen-address=${formatListenAddress(address)}`);
}

async function listen(
  server: Server,
  target: { port: number } | { fd: number },
  option: string,
): Promise<Server> {
  server.listen(target);
  try {
    await once(server, "listening");
    return server;
  } catch (error) {
    throw new StartError(`${option}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function systemdSocket(): number {
  if (process.env["LISTEN_FDS"] === undefined) {
    throw new StartError("--web.systemd-socket: no socket was handed over (LISTEN_FDS is not set)");
  }
  return systemdDescriptor;
}

/** A keep-alive connection may become idle only after `close` looked for idle ones, so look again until all are gone. */
async function closeServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  await closed;
  clearInterval(sweep);
}

function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") return String(address);
  return formatListenAddress({ host: address.address, port: address.port });
}

function storeName({ sharedStore, config }: Context): string {
  if (sharedStore) return "redis";
  return config["persistence.file"] === "" ? "memory" : config["persistence.file"];
}
