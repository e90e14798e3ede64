import { createServer, IncomingMessage, type Server, ServerResponse } from "node:http";
import type { Express } from "express";
import type { Context } from "./context.ts";
import { answerUnreadable } from "./unreadable-request.ts";
import { offerTls } from "./web-config/tls-connections.ts";

/**
 * Load balancers keep unused connections for up to a minute. One that we closed first could be closed just when a request
 * comes down it, which then fails.
 */
const keepAliveMs = 65_000;

/**
 * How to make the HTTP servers of one app. Express gives each request and response prototypes of its own; where they are
 * born with these there is nothing to exchange, which saves a tenth of the processor time of a small push.
 */
export function serverFactory(
  app: Express,
  { webConfig, log }: Pick<Context, "webConfig" | "log">,
): () => Server {
  class AppRequest extends IncomingMessage {}
  class AppResponse extends ServerResponse {}
  app.request = Object.setPrototypeOf(AppRequest.prototype, app.request);
  app.response = Object.setPrototypeOf(AppResponse.prototype, app.response);
  const options = {
    IncomingMessage: AppRequest,
    ServerResponse: AppResponse,
    keepAliveTimeout: keepAliveMs,
  };
  return () => {
    const server = createServer(options, app).on("clientError", answerUnreadable);
    if (webConfig.isConfigured) offerTls(server, { tls: () => webConfig.current().tls, log });
    return server;
  };
}
