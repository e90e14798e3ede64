import {
  Agent as HttpAgent,
  type IncomingMessage,
  type RequestOptions,
  request as requestHttp,
} from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { authorizationOf, type Credentials } from "./credentials.ts";
import type { Gateway } from "./gateways.ts";

/** PEM texts. */
export interface TlsOptions {
  /** Authorities to trust in the place of the system's. */
  readonly ca?: string | Buffer;
  /** The client's own certificate, with its key. */
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
}

export interface HttpRequest {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  /** With the query; what follows the gateway's prefix. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** A connection could not be made in time. */
export class ConnectTimeout extends Error {
  override readonly name = "ConnectTimeout";
}

/** A kept connection that the server closed while the request was on its way. All our requests may be repeated. */
class StaleConnection extends Error {}

/** So long a connection may take, so that a dead host does not use up the time of those after it. */
const connectTimeoutMs = 2_000;

/** Sends requests over connections that are kept. */
export class Transport implements Disposable {
  readonly #http = new HttpAgent({ keepAlive: true });
  readonly #https: HttpsAgent;
  readonly #tls: TlsOptions;
  readonly #credentials: Credentials | undefined;

  /** The credentials go to all gateways, in the place of what their URLs say. */
  constructor({ tls = {}, credentials }: { tls?: TlsOptions; credentials: Credentials | undefined }) {
    this.#https = new HttpsAgent({ keepAlive: true, ...tls });
    this.#tls = tls;
    this.#credentials = credentials;
  }

  /**
   * Resolves to the answer once its head is there. Rejects with Node's error when the connection cannot be made or breaks, and
   * with an AbortError when the signal aborts, which also ends an answer that is still being read.
   */
  async send(gateway: Gateway, request: HttpRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const isHttps = gateway.protocol === "https:";
    try {
      return await this.#attempt(gateway, request, { signal, agent: isHttps ? this.#https : this.#http });
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error;
      return this.#attempt(gateway, request, { signal, agent: false, ...(isHttps ? this.#tls : {}) });
    }
  }

  #attempt(
    gateway: Gateway,
    { method, path, headers, body }: HttpRequest,
    how: RequestOptions,
  ): Promise<IncomingMessage> {
    const credentials = this.#credentials ?? gateway.credentials;
    const options = {
      ...how,
      hostname: gateway.hostname,
      port: gateway.port,
      path: gateway.prefix + path,
      method,
      headers: {
        "User-Agent": "pushfleet",
        ...(credentials === undefined ? {} : { Authorization: authorizationOf(credentials) }),
        ...(body === undefined ? {} : { "Content-Length": body.byteLength }),
        ...headers,
      },
    };
    return new Promise((resolve, reject) => {
      const sent = (gateway.protocol === "https:" ? requestHttps : requestHttp)(options, resolve);
      sent.on("error", (error: NodeJS.ErrnoException) => {
        const isStale = sent.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
        reject(isStale ? new StaleConnection(error.message, { cause: error }) : error);
      });
      sent.on("socket", (socket) => {
        if (!socket.connecting) return;
        const timer = setTimeout(() => {
          sent.destroy(new ConnectTimeout(`no connection within ${connectTimeoutMs / 1000} s`));
        }, connectTimeoutMs);
        const stop = () => clearTimeout(timer);
        socket.once("connect", stop).once("close", stop);
      });
      sent.end(body);
    });
  }

  /** Ends all connections, and the requests on them. */
  [Symbol.dispose](): void {
    this.#http.destroy();
    this.#https.destroy();
  }
}
