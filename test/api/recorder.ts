import { once } from "node:events";
import { createServer, type IncomingMessage, request } from "node:http";
import { buffer } from "node:stream/consumers";

/** A request that passed, with its answer. */
export interface Exchange {
  readonly method: string;
  /** With the query. */
  readonly target: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** A proxy before a server that keeps what passes. Of a stream of events it lets the first pass and ends it. */
export interface Recorder extends AsyncDisposable {
  /** Host and port. */
  readonly address: string;
  /** What has passed since the last call. */
  take(): readonly Exchange[];
}

export async function startRecorder(url: string): Promise<Recorder> {
  let taken: Exchange[] = [];
  const proxy = createServer((asked, answer) => {
    forwarded(asked, url).then(
      (exchange) => {
        // Before the answer goes out, so that whoever has it finds this here.
        taken.push(exchange);
        const { status, contentType, body } = exchange;
        answer.writeHead(status, contentType === "" ? {} : { "Content-Type": contentType });
        answer.end(body);
      },
      () => answer.destroy(),
    );
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const address = proxy.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");
  return {
    address: `127.0.0.1:${address.port}`,
    take() {
      const exchanges = taken;
      taken = [];
      return exchanges;
    },
    async [Symbol.asyncDispose]() {
      proxy.close();
      proxy.closeAllConnections();
      await once(proxy, "close");
    },
  };
}

async function forwarded(asked: IncomingMessage, url: string): Promise<Exchange> {
  const { method = "", url: target = "", headers } = asked;
  const asking = request(url + target, { method, headers, agent: false });
  asking.end(await buffer(asked));
  const [answer] = (await once(asking, "response")) as [IncomingMessage]; // what this event brings
  const { statusCode: status = 0 } = answer;
  const contentType = answer.headers["content-type"] ?? "";
  const body =
    contentType === "text/event-stream" ? await firstEvent(answer) : (await buffer(answer)).toString();
  return { method, target, status, contentType, body };
}

async function firstEvent(stream: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of stream) {
    text += chunk;
    const end = text.indexOf("\n\n");
    if (end !== -1) return text.slice(0, end + 2); // leaving the loop ends the connection
  }
  return text;
}
