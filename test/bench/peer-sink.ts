/**
 * The gateways of other regions, as far as a federator can tell, which keep nothing: what is measured beside them is what
 * shipping costs the region itself. Argument: port to listen on. `/<id>` is the address of the region of that id.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { argv } from "node:process";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { type ChangesAnswer, Digest, type DigestAnswer, type Standing } from "@pushfleet/federation";

const [port] = argv.slice(2);
if (port === undefined) throw new Error("usage: peer-sink.ts PORT");

const decompress = promisify(gunzip);
const digest = new Digest().toText();

/** What the last line of a batch says: a federator wants to hear that all of it was taken. */
async function statesIn(body: Buffer): Promise<number> {
  const lines = (await decompress(body)).toString("latin1").trimEnd();
  return Number(/^end (\d+) /.exec(lines.slice(lines.lastIndexOf("\n") + 1))?.[1]);
}

async function answerTo(path: string, body: Buffer, standing: Standing): Promise<object> {
  if (path === "changes")
    return {
      ...standing,
      outcomes: { merged: await statesIn(body), changed: 0, refused: [] },
    } satisfies ChangesAnswer;
  return path.includes("?") ? { ...standing, groups: {} } : ({ ...standing, digest } satisfies DigestAnswer);
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  const [, region, path] = /^\/([a-z]+)\/federation\/v1\/(.*)$/.exec(request.url ?? "") ?? [];
  if (region === undefined || path === undefined) return void response.end();
  const standing = { region, history: "sink", now_micros: Date.now() * 1000 };
  response.end(JSON.stringify(await answerTo(path, Buffer.concat(pieces), standing)));
}

createServer((request, response) => {
  // Who breaks off is not answered.
  answer(request, response).catch(() => response.destroy());
}).listen(Number(port), "127.0.0.1");
