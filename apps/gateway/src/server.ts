import { once } from "node:events";
import type { Server } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { formatListenAddress, type ListenAddress } from "@pushfleet/config";
import { startHeartbeat } from "@pushfleet/store";
import { createApp } from "./app.ts";
import { type Context, StartError, storeKind } from "./context.ts";
import { serverFactory } from "./http-server.ts";

export interface RunningServer {
  /**
   * Call when `/-/ready` says that this replica is stopping. Goes on for `--web.drain-time` when there are other replicas,
   * so that the load balancer has noticed; then takes no new connections, lets requests in progress finish, for as long as
   * a push may wait for the store and a little longer, and closes the store.
   */
  stop(): Promise<void>;
}

/** The first descriptor that systemd hands over (sd_listen_fds(3)). */
const systemdDescriptor = 3;

/** Listens on all addresses. Rejects StartError, with everything closed again, when one of them cannot be had. */
export async function startServer(context: Context): Promise<RunningServer> {
  const {
    config,
    connections,
    webConfig,
    log,
    store,
    audit,
    warmer,
    readings,
    sharedStore,
    cluster,
    report,
  } = context;
  const createServer = serverFactory(createApp(context), context);
  const servers: Server[] = [];
  const heartbeat = startHeartbeat(cluster, report);
  const close = async () => {
    const closed = [...servers.map(closeServer), heartbeat.stop()];
    connections.closeUnused();
    const lastMoment = setTimeout(() => connections.closeAll(), config["push.timeout"] + lastWordsMs);
    await Promise.all(closed);
    clearTimeout(lastMoment);
    await warmer.stop();
    await store.close();
    audit.close();
    log.info("stopped");
  };
  try {
    if (config["web.systemd-socket"]) {
      const server = await listen(createServer(), { fd: systemdSocket() }, "--web.systemd-socket");
      servers.push(server);
    } else {
      for (const address of config["web.listen-address"]) await listenOn(createServer, { address, servers });
    }
  } catch (error) {
    await close();
    throw error;
  }
  for (const server of servers.slice(0, config["web.listen-address"].length))
    log.info(
      {
        address: addressOf(server),
        tls: webConfig.current().tls !== undefined,
        store: storeName(context),
      },
      "listening",
    );
  return {
    async stop() {
      heartbeat.beatNow();
      // They never end by themselves; their clients turn to another replica.
      await readings.stopEvents();
      if (sharedStore) await drain(servers, config["web.drain-time"]);
      await close();
    },
  };
}

/** For so many milliseconds answers as ever, but lets no connection live on, so that clients turn to other replicas. */
async function drain(servers: readonly Server[], ms: number): Promise<void> {
  for (const server of servers) {
    server.prependListener("request", (_request, response) => {
      response.shouldKeepAlive = false;
    });
  }
  await delay(ms);
}

async function listenOn(
  createServer: () => Server,
  { address, servers }: { readonly address: ListenAddress; readonly servers: Server[] },
): Promise<void> {
  const option = `--web.listen-address=${formatListenAddress(address)}`;
  const host = address.host === "" ? {} : { host: address.host };
  const first = await listen(createServer(), { ...host, port: address.port }, option);
  if (process.platform !== "linux") return void servers.push(first);
  // Shared sockets take no notice of others at the same address, so this one has made sure that there is nobody.
  const bound = first.address();
  const port = bound === null || typeof bound === "string" ? address.port : bound.port;
  first.close();
  await once(first, "close");
  for (let i = 0; i < listenersPerAddress; i++)
    servers.push(await listen(createServer(), { ...host, port, reusePort: true }, option));
}

/**
 * libuv accepts one connection of a listening socket at each turn of the event loop. With turns of some milliseconds, as under
 * load, that is a few hundred a second, and whoever connects waits behind all who did before. The system spreads
 * connections over sockets that listen at the same address.
 */
const listenersPerAddress = 16;

async function listen(
  server: Server,
  target: { port: number; reusePort?: boolean } | { fd: number },
  option: string,
): Promise<Server> {
  server.listen({ ...target, backlog });
  try {
    await once(server, "listening");
    return server;
  } catch (error) {
    throw StartError.because(option, error);
  }
}

/**
 * Connections that may wait to be accepted; the system may allow fewer (net.core.somaxconn). Clients that find no room try
 * again after a second, then two, and so on: with Node's 511 a burst of thousands kept others out for half a minute.
 */
const backlog = 4096;

function systemdSocket(): number {
  if (process.env["LISTEN_FDS"] === undefined) {
    throw new StartError("--web.systemd-socket: no socket was handed over (LISTEN_FDS is not set)");
  }
  return systemdDescriptor;
}

/** Milliseconds beyond `--push.timeout` that a request in progress has for its end when the gateway stops. */
const lastWordsMs = 5_000;

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

function storeName({ config }: Context): string {
  const kind = storeKind(config);
  return kind === "file" ? config["persistence.file"] : kind;
}
