import { Agent, request } from "node:http";
import { gunzipSync } from "node:zlib";

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

export interface Client extends Disposable {
  /** Resolves when the answer is complete. Rejects when there is none, or only the beginning of one. */
  send(question: Question): Promise<Answer>;
}

interface Question {
  readonly method: "DELETE" | "GET" | "POST" | "PUT";
  readonly url: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Longer than anything in the cluster may take: to be without an answer for so long is a failure of its own. */
const timeoutMs = 40_000;

/** Prometheus and some jobs keep their connection from request to request; most jobs, such as curl, make one push and leave. */
export function createClient({ keepAlive }: { keepAlive: boolean }): Client {
  const agent = new Agent({ keepAlive, maxSockets: 1 });
  return {
    send: (question) => send(question, agent),
    [Symbol.dispose]: () => agent.destroy(),
  };
}

function send({ method, url, body = "", headers = {} }: Question, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = method === "GET" ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
    const signal = AbortSignal.timeout(timeoutMs);
    const sent = request(url, { method, agent, signal, headers: { ...headers, ...length } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      // A connection that ends too early is an error of the response too.
      response.on("error", reject);
      response.on("end", () => {
        const bytes = Buffer.concat(chunks);
        const gzip = response.headers["content-encoding"] === "gzip";
        resolve({
          status: response.statusCode ?? 0,
          retryAfter: response.headers["retry-after"],
          body: (gzip ? gunzipSync(bytes) : bytes).toString(),
        });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
