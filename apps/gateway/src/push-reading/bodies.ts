import type { IncomingMessage } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import { LimitExceeded } from "@pushfleet/exposition";

/** The client went away in the middle of its request: there is nobody to answer. */
export class RequestAborted extends Error {
  override readonly name = "RequestAborted";
}

/** More is being received than there is memory for. */
export class BodiesTooMany extends Error {
  override readonly name = "BodiesTooMany";
}

/** A body in memory. */
export interface HeldBody {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** To be called once nobody needs the bytes any more. */
  release(): void;
}

interface Arriving {
  size: number;
  /** Undefined once it is there. */
  refuse: ((reason: Error) => void) | undefined;
}

/** Milliseconds that a client may go on sending a body that is refused. */
const lingerMs = 5_000;

/** Bodies of no more bytes are small: they are read as soon as they are there, and wait for no other. */
const smallBytes = 64 * 1024;
/** Of the memory, what large bodies may take: those that wait for their turn to be read must leave room for small ones. */
const shareOfLarge = 7 / 8;

/**
 * Receives the bodies of requests, at most so many bytes of them at a time. What is too much is taken from the body that has
 * been arriving for longest: who sends promptly is not in the way of anybody, and who does not is in nobody's. Large ones
 * are never in the way of small ones.
 */
export class Bodies {
  readonly #mostBytes: number;
  #heldBytes = 0;
  /** In the order in which they began. */
  readonly #arriving = new Set<Arriving>();

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /**
   * Reads the whole body. Rejects LimitExceeded when the announced or the received length exceeds `maxBytes`, BodiesTooMany
   * when there is no room, and RequestAborted when the connection breaks; nothing of the body is kept then.
   * A body that is refused is read on for a while and thrown away, because a client that is still sending when the
   * connection closes never gets to see the answer.
   */
  receive(request: IncomingMessage, maxBytes: number): Promise<HeldBody> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer<ArrayBuffer>[] = [];
      const body: Arriving = { size: 0, refuse: undefined };
      const release = () => {
        this.#heldBytes -= body.size;
        body.size = 0;
        body.refuse = undefined;
        this.#arriving.delete(body);
      };
      const collect = (chunk: Buffer<ArrayBuffer>) => {
        body.size += chunk.length;
        this.#heldBytes += chunk.length;
        chunks.push(chunk);
        if (body.size > maxBytes) refuse(tooLarge(maxBytes));
        else this.#makeRoom(body);
      };
      const finish = () => {
        this.#arriving.delete(body);
        body.refuse = undefined;
        const [only] = chunks;
        // Nearly all bodies come in one piece, and need not wait for anything.
        if (chunks.length === 1 && only !== undefined) return resolve({ bytes: only, release });
        void joinChunks(chunks, body.size).then((bytes) => {
          chunks.length = 0;
          resolve({ bytes, release });
        });
      };
      const refuse = (reason: Error) => {
        chunks.length = 0;
        release();
        request.off("data", collect).off("end", finish);
        const answer = () => reject(reason);
        const timer = setTimeout(answer, lingerMs);
        request.on("end", answer).on("close", () => clearTimeout(timer));
        request.resume();
      };
      request.on("error", (cause) => {
        if (body.refuse !== undefined) release();
        reject(new RequestAborted("the client closed the connection", { cause }));
      });
      if (Number(request.headers["content-length"]) > maxBytes) return refuse(tooLarge(maxBytes));
      body.refuse = refuse;
      this.#arriving.add(body);
      request.on("data", collect).on("end", finish);
    });
  }

  /**
   * Refuses what has been arriving for longest, and no small one for a large one, until the rest fits; in the end that may be
   * the last to come itself.
   */
  #makeRoom(last: Arriving): void {
    const isLarge = last.size > smallBytes;
    const room = isLarge ? this.#mostBytes * shareOfLarge : this.#mostBytes;
    if (this.#heldBytes <= room) return;
    for (const body of this.#arriving) {
      if (body.size === 0 || (isLarge && body.size <= smallBytes)) continue;
      body.refuse?.(
        new BodiesTooMany(
          `pushes of more than ${room} bytes are arriving at the same time, by the limit set by --web.max-body-memory, and this one for longest`,
        ),
      );
      if (this.#heldBytes <= room) return;
    }
  }
}

/** Copied between two turns of the event loop: a millisecond or two, most of which the system needs to find the memory. */
const bytesInTurn = 512 * 1024;

/** The chunks as one, of `size` bytes in all. Others get their turn while it is large: 32 MiB at once took up to 100 ms. */
async function joinChunks(chunks: readonly Uint8Array[], size: number): Promise<Uint8Array<ArrayBuffer>> {
  if (size <= bytesInTurn) return Buffer.concat(chunks, size);
  const joined = Buffer.allocUnsafeSlow(size);
  let at = 0;
  let turnEnd = bytesInTurn;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
    if (at < turnEnd) continue;
    turnEnd = at + bytesInTurn;
    await nextTurn();
  }
  return joined;
}

function tooLarge(maxBytes: number): LimitExceeded {
  return new LimitExceeded("push.max-body-size", { value: maxBytes });
}
