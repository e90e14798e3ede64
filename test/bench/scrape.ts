import { Agent, request } from "node:http";
import { gunzipSync } from "node:zlib";

export type Encoding = "identity" | "gzip";

export interface Scrape {
  /** From sending the request to the last byte of the body. */
  readonly milliseconds: number;
  readonly bytes: number;
}

/** One Prometheus-like scraper: one keep-alive connection, one scrape at a time. */
export interface Scraper extends Disposable {
  /** Reads and drops the body. Rejects unless it is 200 and in the encoding asked for. */
  measure(encoding: Encoding): Promise<Scrape>;
  /** Sample lines whose name starts with `batch_`, out of a whole body decoded: to check that nothing is missing. */
  countSeries(encoding: Encoding): Promise<number>;
}

export function createScraper(port: number): Scraper {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });

  const get = (encoding: Encoding, onData: (chunk: Buffer) => void) =>
    new Promise<void>((resolve, reject) => {
      const headers = { "Accept-Encoding": encoding, Accept: "text/plain;version=0.0.4" };
      const outgoing = request({ host: "127.0.0.1", port, agent, path: "/metrics", headers }, (response) => {
        const answered = response.headers["content-encoding"] ?? "identity";
        if (response.statusCode !== 200 || answered !== encoding) {
          reject(new Error(`scrape (${encoding}) was answered ${response.statusCode}, encoding ${answered}`));
        }
        response.on("data", onData);
        response.on("error", reject);
        response.on("end", resolve);
      });
      outgoing.on("error", reject);
      outgoing.end();
    });

  return {
    async measure(encoding) {
      let bytes = 0;
      const start = performance.now();
      await get(encoding, (chunk) => {
        bytes += chunk.length;
      });
      return { milliseconds: performance.now() - start, bytes };
    },
    async countSeries(encoding) {
      const chunks: Buffer[] = [];
      await get(encoding, (chunk) => chunks.push(chunk));
      const body = Buffer.concat(chunks);
      const text = (encoding === "gzip" ? gunzipSync(body) : body).toString();
      return text.match(/^batch_/gm)?.length ?? 0;
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}
