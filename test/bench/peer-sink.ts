/**
 * The gateways of other regions, as far as a federator can tell, which keep nothing: what is measured beside them is what
 * shipping costs the region itself. Argument: port to listen on. `/<id>` is the address of the region of that id.
 */
import { createServer } from "node:http";
import { argv } from "node:process";
import { type ChangesAnswer, Digest, type DigestAnswer, type Standing } from "@pushfleet/federation";

const [port] = argv.slice(2);
if (port === undefined) throw new Error("usage: peer-sink.ts PORT");

const digest = new Digest().toText();

function answerTo(path: string, standing: Standing): object {
  if (path === "changes")
    return { ...standing, outcomes: { merged: 0, changed: 0, refused: [] } } satisfies ChangesAnswer;
  return path.includes("?") ? { ...standing, groups: {} } : ({ ...standing, digest } satisfies DigestAnswer);
}

createServer((request, response) => {
  request.resume().on("end", () => {
    const [, region, path] = /^\/([a-z]+)\/federation\/v1\/(.*)$/.exec(request.url ?? "") ?? [];
    if (region === undefined || path === undefined) return void response.end();
    const standing = { region, history: "sink", now_micros: Date.now() * 1000 };
    response.end(JSON.stringify(answerTo(path, standing)));
  });
}).listen(Number(port), "127.0.0.1");
