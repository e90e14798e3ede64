import { once } from "node:events";
import { createServer, request as forward } from "node:http";
import { pipeline } from "node:stream/promises";
import { freePort } from "../support/ports.ts";

/** What a scraper asked for and what it got. */
interface Exchange {
  readonly accept: string;
  readonly acceptEncoding: string;
  readonly contentType: string;
  readonly contentEncoding: string;
}

/** Stands in front of a server and passes everything on. */
export interface Tap extends AsyncDisposable {
  readonly address: string;
  /** All so far, the oldest first. */
  readonly exchanges: readonly Exchange[];
}

export async function startTap(target: string): Promise<Tap> {
  const exchanges: Exchange[] = [];
  const server = createServer((request, response) => {
    const onward = forward(new URL(request.url ?? "/", target), {
      method: request.method,
      headers: request.headers,
    });
    onward.on("error", () => response.destroy());
    onward.on("response", (answer) => {
      exchanges.push({
        accept: String(request.headers.accept),
        acceptEncoding: String(request.headers["accept-encoding"]),
        contentType: String(answer.headers["content-type"]),
        contentEncoding: String(answer.headers["content-encoding"]),
      });
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      pipeline(answer, response).catch(() => response.destroy());
    });
    request.pipe(onward);
  });
  const port = await freePort();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${port}`,
    exchanges,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
