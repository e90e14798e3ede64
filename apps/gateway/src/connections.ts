import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

export interface ConnectionsOptions {
  /** Open at a time, over all servers. */
  readonly most: number;
  /** Called after one was closed to make room, or refused because there was none to be made. */
  readonly onDropped: () => void;
}

interface Connection {
  readonly socket: Socket;
  request: IncomingMessage | undefined;
  response: ServerResponse | undefined;
}

/**
 * The connections of some servers, bounded in number. In place of one too many that one is closed whose client has kept
 * us waiting for longest: for a request or the rest of one, or to read its answer. Who asks promptly finds room, however
 * many hold connections open. A connection whose answer is being made is never closed; if all are such, the new one is.
 */
export class Connections {
  readonly #options: ConnectionsOptions;
  /** In the order in which they began to be waited for. */
  readonly #open = new Set<Connection>();
  /** For TLS, whose sockets are others than those that were accepted, but have the same peer. */
  readonly #byPeer = new Map<string, Connection>();
  readonly #bySocket = new WeakMap<Socket, Connection>();

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Counts the connections of the server from now on. To be called before anything else listens for them. */
  watch(server: Server): void {
    server.on("connection", (socket) => this.#add(socket));
    server.prependListener("request", (request, response) => this.#requested(request, response));
  }

  /** Closes a connection that has been silent for too long, unless it is for us to say something: its answer is being made. */
  closeSilent(socket: Socket): void {
    const connection = this.#bySocket.get(socket);
    if (connection === undefined || isWaitedFor(connection)) socket.destroy();
  }

  /** Closes those over which nothing has ever come. */
  closeUnused(): void {
    for (const { socket } of this.#open) if (socket.bytesRead === 0) socket.destroy();
  }

  closeAll(): void {
    for (const { socket } of this.#open) socket.destroy();
  }

  #add(socket: Socket): void {
    if (this.#open.size >= this.#options.most) {
      const last = this.#longestWaitedFor();
      (last?.socket ?? socket).destroy();
      this.#options.onDropped();
      if (last === undefined) return;
      this.#open.delete(last);
    }
    const connection = { socket, request: undefined, response: undefined };
    const peer = peerOf(socket);
    this.#open.add(connection);
    this.#byPeer.set(peer, connection);
    this.#bySocket.set(socket, connection);
    socket.on("close", () => {
      this.#open.delete(connection);
      if (this.#byPeer.get(peer) === connection) this.#byPeer.delete(peer);
    });
  }

  #requested(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    let connection = this.#bySocket.get(socket);
    if (connection === undefined) {
      connection = this.#byPeer.get(peerOf(socket));
      if (connection === undefined) return;
      this.#bySocket.set(socket, connection);
    }
    this.#open.delete(connection);
    this.#open.add(connection);
    connection.request = request;
    connection.response = response;
  }

  #longestWaitedFor(): Connection | undefined {
    for (const connection of this.#open) if (isWaitedFor(connection)) return connection;
    return undefined;
  }
}

/** Whether it is the client's turn: to ask, to send the rest, or to read. */
function isWaitedFor({ request, response }: Connection): boolean {
  if (request === undefined || response === undefined || !request.complete) return true;
  return response.writableEnded || response.writableNeedDrain;
}

function peerOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort} ${socket.localPort}`;
}
