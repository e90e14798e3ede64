import { Agent, type AgentOptions, request } from "node:https";
import { TLSSocket } from "node:tls";

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** SHA-256 of the server's certificate. */
  readonly fingerprint: string;
}

export interface Client extends Disposable {
  /** Rejects when the connection cannot be made or breaks. */
  send(path: string, options?: { readonly method?: string; readonly body?: string }): Promise<Answer>;
  /** How many connections it has made. */
  readonly connections: number;
}

export interface ClientOptions {
  readonly port: number;
  readonly keepAlive?: boolean;
  /** `user:password`. */
  readonly auth?: string;
  /** Of those it trusts. */
  readonly ca: string;
}

/** A client that sends one request at a time: all over one connection, or each over its own. */
export function createClient({ port, keepAlive = true, auth, ca }: ClientOptions): Client {
  let connections = 0;
  class CountingAgent extends Agent {
    override createConnection(...args: Parameters<Agent["createConnection"]>) {
      connections++;
      return super.createConnection(...args);
    }
  }
  // No sessions: they stand for a certificate that was looked at before.
  const options: AgentOptions = { keepAlive, maxSockets: 1, maxCachedSessions: 0, ca };
  const agent = new CountingAgent(options);
  return {
    get connections() {
      return connections;
    },
    send: (path, { method = "GET", body } = {}) =>
      new Promise((resolve, reject) => {
        const target = {
          host: "127.0.0.1",
          port,
          path,
          method,
          agent,
          ...(auth === undefined ? {} : { auth }),
        };
        const sent = request(target, (response) => {
          const { socket } = response;
          const fingerprint = socket instanceof TLSSocket ? socket.getPeerCertificate().fingerprint256 : "";
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (chunk: string) => (text += chunk));
          response.on("error", reject);
          response.on("end", () =>
            resolve({ status: response.statusCode ?? 0, text, headers: response.headers, fingerprint }),
          );
        });
        sent.on("error", reject);
        sent.end(body);
      }),
    [Symbol.dispose]: () => agent.destroy(),
  };
}
