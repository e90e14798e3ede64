import { once } from "node:events";
import { Agent, createServer, type IncomingHttpHeaders, request } from "node:http";

/** A proxy between a federator and its peer that knows where each request begins and ends, and remembers all batches. */
export interface Deliveries extends AsyncDisposable {
  readonly url: string;
  /** What becomes of each request for changes from now on; undefined = it is passed on, once. */
  set(treatment: Treatment | undefined): void;
  /** Batches seen so far, the oldest first, as their federator sent them; delivered or not. */
  readonly batches: readonly Batch[];
  /** Sends batches to the peer, in this order, whatever the treatment is; resolves to the peer's status of each. */
  replay(batches: readonly Batch[]): Promise<readonly number[]>;
}

export interface Batch {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The batches to deliver in the place of this one; the answer to the last is the answer. None: the connection ends without one. */
type Treatment = (batch: Batch) => readonly Batch[];

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** In front of the peer at `target`, an address without a trailing slash. */
export async function startDeliveries(target: string): Promise<Deliveries> {
  const agent = new Agent({ keepAlive: true });
  const batches: Batch[] = [];
  let treat: Treatment | undefined;

  const send = (method: string, { path, headers, body }: Batch): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const own = { ...headers, host: new URL(target).host, "content-length": String(body.length) };
      delete own["transfer-encoding"];
      const sent = request(target + path, { method, agent, headers: own }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      });
      sent.on("error", reject);
      sent.end(body);
    });

  const handle = async (method: string, received: Batch): Promise<Answer | undefined> => {
    if (method !== "POST") return await send(method, received);
    batches.push(received);
    let answer: Answer | undefined;
    for (const batch of treat?.(received) ?? [received]) answer = await send(method, batch);
    return answer;
  };

  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const { method = "GET", url: path = "/", headers } = incoming;
      void handle(method, { path, headers, body: Buffer.concat(chunks) })
        .catch(() => undefined)
        .then((answer) => {
          if (answer === undefined) return void incoming.socket.destroy();
          const { "transfer-encoding": _chunked, ...own } = answer.headers;
          outgoing.writeHead(answer.status, { ...own, "content-length": String(answer.body.length) });
          outgoing.end(answer.body);
        });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    set: (treatment) => {
      treat = treatment;
    },
    batches,
    async replay(chosen) {
      const statuses: number[] = [];
      for (const batch of chosen) statuses.push((await send("POST", batch)).status);
      return statuses;
    },
    async [Symbol.asyncDispose]() {
      agent.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
