import { createServer, IncomingMessage, type Server, ServerResponse } from "node:http";
import type { Express } from "express";
import type { Context } from "./context.ts";
import { answerUnreadable } from "./unreadable-request.ts";
import { offerTls, TicketKeys } from "./web-config/tls-connections.ts";

/**
 * Load balancers keep unused connections for up to a minute. One that we closed first could be closed just when a request
 * comes down it, which then fails.
 */
const keepAliveMs = 65_000;

/** Longest time from the beginning of a request to the end of its headers. */
const headersMs = 10_000;
/** How often it is looked who has overrun. */
const checkMs = 1_000;

/**
 * How to make the HTTP servers of one app. Express gives each request and response prototypes of its own; where they are
 * born with these there is nothing to exchange, which saves a tenth of the processor time of a small push.
 */
export function serverFactory(
  app: Express,
  { config, connections, webConfig, log }: Pick<Context, "config" | "connections" | "webConfig" | "log">,
): () => Server {
  class AppRequest extends IncomingMessage {}
  class AppResponse extends ServerResponse {}
  app.request = Object.setPrototypeOf(AppRequest.prototype, app.request);
  app.response = Object.setPrototypeOf(AppResponse.prototype, app.response);
  const readMs = config["web.read-timeout"];
  const options = {
    IncomingMessage: AppRequest,
    ServerResponse: AppResponse,
    keepAliveTimeout: keepAliveMs,
    headersTimeout: Math.min(headersMs, readMs),
    requestTimeout: readMs,
    connectionsCheckingInterval: checkMs,
  };
  const ticketKeys = new TicketKeys();
  return () => {
    const server = createServer(options, app).on("clientError", answerUnreadable);
    // Of silence in both directions: a push may wait for the store first, and its answer be read as slowly as it was sent.
    server.setTimeout(readMs + config["push.timeout"], (socket) => connections.closeSilent(socket));
    connections.watch(server);
    if (webConfig.isConfigured) offerTls(server, { tls: () => webConfig.current().tls, ticketKeys, log });
    return server;
  };
}
