import { Agent, request } from "node:http";
import type { Step } from "./case.ts";

export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** Sends requests to one server over kept-alive connections, paths exactly as given, redirects not followed. */
export interface HttpClient extends Disposable {
  send(step: Step): Promise<Answer>;
}

export function createHttpClient(url: string, options: { timeoutMs?: number } = {}): HttpClient {
  const { hostname, port } = new URL(url);
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const timeout = options.timeoutMs ?? 10_000;

  function send(step: Step): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { hostname, port, agent, method: step.method, path: step.path, timeout },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
          incoming.on("error", reject);
          incoming.on("end", () => {
            const headers = new Map<string, string>();
            for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
            resolve({ status: incoming.statusCode ?? 0, headers, body: Buffer.concat(chunks) });
          });
        },
      );
      outgoing.on("error", reject);
      outgoing.on("timeout", () => outgoing.destroy(new Error(`${step.method} ${step.path} took too long`)));
      for (const [name, value] of Object.entries(step.headers ?? {})) outgoing.setHeader(name, value);
      // A length also for an empty body, as every client sends one; a case may ask for chunks by its own header.
      const body = step.body === undefined ? undefined : Buffer.from(step.body);
      if (body !== undefined && !outgoing.hasHeader("transfer-encoding")) {
        outgoing.setHeader("Content-Length", body.length);
      }
      outgoing.end(body);
    });
  }
  return { send, [Symbol.dispose]: () => agent.destroy() };
}
