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
  readonly log: Logger;
}

/**
 * Has an HTTP server speak TLS with the clients that connect while there are settings for it. Connections go on as they
 * began, whatever changes. They belong to this one server in all respects: limits, timeouts, closing.
 */
export function offerTls(server: Server, { tls, log }: TlsConnectionsOptions): void {
  const listeners = server.listeners("connection");
  server.removeAllListeners("connection");
  const serve = (socket: Socket) => {
    for (const listener of listeners) listener.call(server, socket);
  };
  let current: { readonly settings: WebTls; readonly server: TlsServer } | undefined;
  server.on("connection", (socket: Socket) => {
    const settings = tls();
    if (settings === undefined) return serve(socket);
    if (current?.settings !== settings) current = { settings, server: tlsServer(settings, { serve, log }) };
    current.server.emit("connection", socket);
  });
}

/** A server that listens nowhere: it is given connections. Sessions of an older one are unknown to it and cannot be resumed. */
function tlsServer(
  settings: WebTls,
  { serve, log }: { readonly serve: (socket: Socket) => void; readonly log: Logger },
): TlsServer {
  const server = createServer({
    // Without authorities of its own a client's certificate must not pass for verified because Node trusts well-known ones.
    ca: [],
    ...settings.context,
    requestCert: settings.clientAuth !== "NoClientCert",
    rejectUnauthorized: settings.clientAuth === "RequireAndVerifyClientCert",
    handshakeTimeout: handshakeTimeoutMs,
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
