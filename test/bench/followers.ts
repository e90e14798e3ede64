/** Connections that stay open while pushes are measured, at the least cost to the machine that they can have. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** A gateway tells at most once a second, and less often when it has much to look through. */
const EVENT_TIMEOUT_MS = 20_000;

export interface ConnectionOptions {
  readonly port: number;
  readonly count: number;
}

/**
 * Connections that follow `GET /api/v1/events` and read all of it. The bytes are dropped by Node below any JavaScript, in this
 * process, which has nothing else to do. Disposing waits until each was told of a change, and rejects when one was not.
 */
export async function followEvents(options: ConnectionOptions): Promise<AsyncDisposable> {
  const sockets = await openConnections(options);
  for (const socket of sockets) socket.write("GET /api/v1/events HTTP/1.1\r\nHost: bench\r\n\r\n");
  await Promise.all(sockets.map((socket) => once(socket, "data")));
  const atFirst = sockets.map((socket) => {
    socket.removeAllListeners("data");
    socket.resume();
    return socket.bytesRead;
  });
  const untold = () =>
    sockets.filter((socket, i) => !socket.readable || socket.bytesRead <= (atFirst[i] ?? 0)).length;
  return {
    async [Symbol.asyncDispose]() {
      const deadline = performance.now() + EVENT_TIMEOUT_MS;
      while (untold() > 0 && performance.now() < deadline) await delay(20);
      const missed = untold();
      for (const socket of sockets) socket.destroy();
      if (missed > 0) throw new Error(`${missed} of ${options.count} followers were not told what changed`);
    },
  };
}

/** As many connections that ask for nothing: what is compared then is the events, and not having connections. */
export async function stayConnected(options: ConnectionOptions): Promise<AsyncDisposable> {
  const sockets = await openConnections(options);
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function openConnections({ port, count }: ConnectionOptions): Promise<readonly Socket[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect(port, "127.0.0.1");
      await once(socket, "connect");
      return socket;
    }),
  );
}
