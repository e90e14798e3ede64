import type { IncomingMessage } from "node:http";
import { BodyTooLarge } from "@pushfleet/exposition";

/** The client went away in the middle of its request: there is nobody to answer. */
export class RequestAborted extends Error {
  override readonly name = "RequestAborted";
}

/**
 * Reads the whole body. Rejects BodyTooLarge as soon as the announced or the received length exceeds `maxBytes`, with
 * nothing of it kept, and RequestAborted when the connection breaks.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const refuse = () => {
      chunks.length = 0;
      request.off("data", collect);
      reject(new BodyTooLarge(maxBytes));
    };
    const collect = (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) refuse();
      else chunks.push(chunk);
    };
    if (Number(request.headers["content-length"]) > maxBytes) return refuse();
    request.on("data", collect);
    request.on("end", () =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
    );
    request.on("error", (cause) => reject(new RequestAborted("the client closed the connection", { cause })));
  });
}
