import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { formatListenAddress, type ListenAddress } from "@pushfleet/config";
import { createApp } from "./app.ts";
import { StartError } from "./start-error.ts";
import type { WorkerContext } from "./worker-context.ts";

export interface RunningServer {
  /** Takes no new requests; those in progress are cut off, as none is worth a late stop. */
  stop(): void;
}

/** Listens on all addresses. Rejects StartError, with those it had closed again, when one of them cannot be had. */
export async function startServer(
  context: WorkerContext,
  addresses: readonly ListenAddress[],
): Promise<RunningServer> {
  const app = createApp(context);
  const servers: Server[] = [];
  const stop = () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  };
  try {
    for (const address of addresses) servers.push(await listen(createServer(app), address));
  } catch (error) {
    stop();
    throw error;
  }
  return { stop };
}

async function listen(server: Server, address: ListenAddress): Promise<Server> {
  server.listen(address.host === "" ? { port: address.port } : address);
  try {
    await once(server, "listening");
    return server;
  } catch (error) {
    throw new StartError(
      `--web.listen-address=${formatListenAddress(address)}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}
