import { randomBytes } from "node:crypto";
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { createServer, type Server as TlsServer } from "node:tls";
import type { WebTls } from "@pushfleet/config";
import type { Logger } from "@pushfleet/runtime";
import { refusalOf } from "./client-certificate.ts";

/** Milliseconds that a client has for shaking hands. */
const handshakeTimeoutMs = 10_000;

/** What is above TLS here: HTTP/2 would need a server of another kind, and no client of a Pushgateway needs it. */
const protocols = ["http/1.1"];

export interface TlsConnectionsOptions {
  /** Asked for each connection; the same object as long as nothing has changed. Undefined: plain HTTP. */
  readonly tls: () => WebTls | undefined;
  /** Servers that share them resume each other's sessions, as long as the settings are the same. */
  readonly ticketKeys: TicketKeys;
  readonly log: Logger;
}

/** What sessions are kept secret by, other ones for each settings. */
export class TicketKeys {
  readonly #keys = new WeakMap<WebTls, Buffer>();

  of(settings: WebTls): Buffer {
    const known = this.#keys.get(settings);
    if (known !== undefined) return known;
    const keys = randomBytes(ticketKeysLength);
    this.#keys.set(settings, keys);
    return keys;
  }
}

/** Bytes, as Node wants them. */
const ticketKeysLength = 48;

/**
 * Has an HTTP server speak TLS with the clients that connect while there are settings for it. Connections go on as they
 * began, whatever changes. They belong to this one server in all respects: limits, timeouts, closing.
 */
export function offerTls(server: Server, { tls, ticketKeys, log }: TlsConnectionsOptions): void {
  const listeners = server.listeners("connection");
  server.removeAllListeners("connection");
  const serve = (socket: Socket) => {
    for (const listener of listeners) listener.call(server, socket);
  };
  let current: { readonly settings: WebTls; readonly server: TlsServer } | undefined;
  server.on("connection", (socket: Socket) => {
    const settings = tls();
    if (settings === undefined) return serve(socket);
    if (current?.settings !== settings)
      current = { settings, server: tlsServer(settings, { serve, ticketKeys, log }) };
    current.server.emit("connection", socket);
  });
}

/** A server that listens nowhere: it is given connections. Sessions of an older one are unknown to it and cannot be resumed. */
function tlsServer(
  settings: WebTls,
  {
    serve,
    ticketKeys,
    log,
  }: { readonly serve: (socket: Socket) => void } & Pick<TlsConnectionsOptions, "ticketKeys" | "log">,
): TlsServer {
  const server = createServer({
    // Without authorities of its own a client's certificate must not pass for verified because Node trusts well-known ones.
    ca: [],
    ...settings.context,
    requestCert: settings.clientAuth !== "NoClientCert",
    rejectUnauthorized: settings.clientAuth === "RequireAndVerifyClientCert",
    handshakeTimeout: handshakeTimeoutMs,
    ticketKeys: ticketKeys.of(settings),
    ALPNProtocols: protocols,
  });
  server.on("secureConnection", (socket) => {
    const refusal = refusalOf(socket, settings);
    if (refusal === undefined) return serve(socket);
    log.debug({ client: socket.remoteAddress, reason: refusal }, "client refused");
    socket.destroy();
  });
  server.on("tlsClientError", (error, socket) => {
    log.debug({ err: error, client: socket.remoteAddress }, "no TLS with a client");
  });
  return server;
}
