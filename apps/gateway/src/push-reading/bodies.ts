import type { IncomingMessage } from "node:http";
import { LimitExceeded } from "@pushfleet/exposition";
import { BodyPieces, type Bytes } from "./body-pieces.ts";
import { Turns } from "./turns.ts";

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
  /** One behind the other. What is small is in one. */
  readonly pieces: readonly Bytes[];
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
  readonly #turns = new Turns(bytesInTurn);

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /**
   * Reads the whole body. Rejects what `tooLarge` makes when the announced or the received length exceeds `maxBytes`, BodiesTooMany
   * when there is no room, and RequestAborted when the connection breaks; nothing of the body is kept then.
   * A body that is refused is read on for a while and thrown away, because a client that is still sending when the
   * connection closes never gets to see the answer.
   */
  receive(
    request: IncomingMessage,
    maxBytes: number,
    tooLarge: (maxBytes: number) => Error = tooLargePush,
  ): Promise<HeldBody> {
    return new Promise((resolve, reject) => {
      const pieces = new BodyPieces();
      let chunks = 0;
      const body: Arriving = { size: 0, refuse: undefined };
      const release = () => {
        this.#heldBytes -= body.size;
        body.size = 0;
        body.refuse = undefined;
        this.#arriving.delete(body);
      };
      const collect = (chunk: Bytes) => {
        body.size += chunk.length;
        this.#heldBytes += chunk.length;
        pieces.add(chunk);
        if (body.size > smallBytes || ++chunks > fewChunks) this.#turns.take(request, costOf(chunk));
        if (body.size > maxBytes) refuse(tooLarge(maxBytes));
        else this.#makeRoom(body);
      };
      const finish = () => {
        this.#arriving.delete(body);
        body.refuse = undefined;
        const all = pieces.take();
        const isInParts = all.length > 1 && body.size <= smallBytes;
        resolve({ pieces: isInParts ? [Buffer.concat(all)] : all, release });
      };
      const refuse = (reason: Error) => {
        pieces.clear();
        release();
        request.off("data", collect).off("end", finish);
        const answer = () => reject(reason);
        const timer = setTimeout(answer, lingerMs);
        request.on("end", answer).on("close", () => clearTimeout(timer));
        request.on("data", (chunk: Bytes) => this.#turns.take(request, costOf(chunk)));
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

/** What large bodies cost in a turn of the event loop: a millisecond or two, most of which the system needs to find the memory. */
const bytesInTurn = 256 * 1024;
/** A body of more is treated as a large one. */
const fewChunks = 16;
/** What a chunk costs, in bytes, however small it is. */
const chunkCost = 1024;

function costOf({ length }: Bytes): number {
  return Math.max(length, chunkCost);
}

function tooLargePush(maxBytes: number): LimitExceeded {
  return new LimitExceeded("push.max-body-size", { value: maxBytes });
}
