import type { IncomingMessage } from "node:http";
import { LimitExceeded } from "@pushfleet/exposition";

/** The client went away in the middle of its request: there is nobody to answer. */
export class RequestAborted extends Error {
  override readonly name = "RequestAborted";
}

/** Milliseconds that a client may go on sending a body that is refused. */
const lingerMs = 5_000;

/**
 * Reads the whole body. Rejects LimitExceeded when the announced or the received length exceeds `maxBytes`, with nothing
 * of it kept, and RequestAborted when the connection breaks.
 * A body that is too large is read on for a while and thrown away, because a client that is still sending when the
 * connection closes never gets to see the answer.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = () =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks));
    const refuse = () => {
      chunks.length = 0;
      request.off("data", collect).off("end", finish);
      const answer = () => reject(new LimitExceeded("push.max-body-size", { value: maxBytes }));
      const timer = setTimeout(answer, lingerMs);
      request.on("end", answer).on("close", () => clearTimeout(timer));
      request.resume();
    };
    const collect = (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) refuse();
      else chunks.push(chunk);
    };
    request.on("error", (cause) => reject(new RequestAborted("the client closed the connection", { cause })));
    if (Number(request.headers["content-length"]) > maxBytes) refuse();
    else request.on("data", collect).on("end", finish);
  });
}
