import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";

/**
 * What becomes of requests: they reach the gateway, nobody listens, they are never answered, or answered 500. Only what is
 * answered reaches the gateway.
 */
export type Weather = "up" | "down" | "silent" | "failing";

/** A proxy in front of a gateway, which can be unreliable. */
export interface Front extends AsyncDisposable {
  readonly url: string;
  /** Resolves when it is so. */
  turn(weather: Weather): Promise<void>;
  /** The pushes and deletions that the gateway took, in order. */
  readonly taken: readonly Taken[];
}

export interface Taken {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

export async function startFront(gatewayUrl: string): Promise<Front> {
  const taken: Taken[] = [];
  let weather: Weather = "up";
  const handle = async (asked: IncomingMessage, answer: ServerResponse) => {
    if (weather === "silent") return;
    if (weather === "failing") return void answer.writeHead(500).end("out of order\n");
    const { method = "", url: path = "", headers } = asked;
    const body = await buffer(asked).catch(() => undefined);
    if (body === undefined) return;
    const sent = request(gatewayUrl + path, { method, headers, agent: false }, (got) => {
      if (method !== "GET" && got.statusCode === 200) taken.push({ method, path, body: body.toString() });
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    });
    sent.on("error", () => answer.destroy());
    sent.end(body);
  };
  const server = createServer((asked, answer) => void handle(asked, answer));
  const listen = async (port: number) => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  };
  const close = async () => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
  await listen(0);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    taken,
    async turn(next) {
      const before = weather;
      weather = next;
      if (next === "down" && before !== "down") await close();
      else if (next !== "down" && before === "down") await listen(address.port);
      else server.closeAllConnections();
    },
    async [Symbol.asyncDispose]() {
      if (weather !== "down") await close();
    },
  };
}
