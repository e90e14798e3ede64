import type { Client, Command } from "../client.ts";
import { exposition } from "../expositions.ts";
import { basicAuthorization, complaint, send } from "./request.ts";

/** What MetricPusher sends by HttpClient. A push of once, where MetricPusher goes on every second. */
export const dotnet: Client = {
  id: "dotnet",
  name: ".NET prometheus-net 8 MetricPusher",
  cannot: {
    delete: "it has no deletion",
    gzip: "it does not compress",
    empty: "it refuses labels that are empty",
  },
  unescaped: { slashRefusedBy: "gateway" },
  prepare: async () => ({
    kind: "ready",
    start: () => ({ send: push, [Symbol.asyncDispose]: async () => {} }),
  }),
};

async function push({ operation, metrics, url, login, labels }: Command): Promise<string | undefined> {
  // System.Uri encodes what may not be in a path, and leaves slashes and percent signs.
  const { pathname, host } = new URL(`${url}/metrics/${labels.flat().join("/")}`);
  const head = [
    `${operation === "push" ? "PUT" : "POST"} ${pathname} HTTP/1.1`,
    `Host: ${host}`,
    ...(login === undefined ? [] : [basicAuthorization(login)]),
    "Transfer-Encoding: chunked",
    "Content-Type: text/plain; version=0.0.4; charset=utf-8",
  ];
  return complaint(await send(url, { head, body: chunked(Buffer.from(exposition(metrics)), 128) }));
}

function chunked(body: Buffer, size: number): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length; at += size) {
    const chunk = body.subarray(at, at + size);
    chunks.push(Buffer.from(`${chunk.length.toString(16).toUpperCase()}\r\n`), chunk, Buffer.from("\r\n"));
  }
  return Buffer.concat([...chunks, Buffer.from("0\r\n\r\n")]);
}
