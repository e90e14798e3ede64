import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** The way from one region to the other, as TCP sees it: whole bytes in order, or trouble. */
export interface Link extends AsyncDisposable {
  readonly url: string;
  /** What the link does from now on, on open connections and on new ones; what is not named is as on a sound one. */
  set(faults: LinkFaults): void;
  /** Sound again. */
  heal(): void;
  /** Bytes passed on so far, both ways together. */
  passed(): number;
}

interface LinkFaults {
  /** Milliseconds that bytes take, in each direction. */
  readonly delayMs?: number;
  /** Bytes a second, of each direction of each connection. */
  readonly bytesPerSecond?: number;
  /**
   * `silent`: no byte, and no end of a connection, passes; what is under way arrives when the cut ends, as TCP would send it again.
   * `reset`: connections end at once, and new ones too.
   */
  readonly cut?: "silent" | "reset";
  /** How likely one byte of a piece becomes another, 0 to 1. A piece is what a socket reads at once. */
  readonly corruption?: number;
  /** A connection ends after so many bytes from the client. */
  readonly endAfter?: number;
}

/** Bytes on the way, in one direction of one connection, from which on no more are read. */
const highWater = 4 * 1024 * 1024;

/** In front of the server at `target`. */
export async function startLink(target: { readonly host: string; readonly port: number }): Promise<Link> {
  const open = new Set<readonly [Socket, Socket]>();
  let faults: LinkFaults = {};
  let change = Promise.withResolvers<void>();
  let passed = 0;
  const whileSilent = async () => {
    while (faults.cut === "silent") await change.promise;
  };

  const carry = (from: Socket, to: Socket, isFromClient: boolean): void => {
    let last = Promise.resolve();
    let waiting = 0;
    let received = 0;
    // Each piece has its own time of arrival, so that a delay does not add up over the pieces.
    const later = (act: () => Promise<void> | void) => {
      const due = performance.now() + (faults.delayMs ?? 0);
      last = last
        .then(async () => {
          if (due > performance.now()) await delay(due - performance.now());
          await whileSilent();
          await act();
        })
        .catch(() => void to.destroy());
    };
    from.on("data", (chunk: Buffer) => {
      waiting += chunk.length;
      if (waiting > highWater) from.pause();
      const { bytesPerSecond, corruption = 0, endAfter = Number.POSITIVE_INFINITY } = faults;
      const room = isFromClient ? Math.max(0, endAfter - received) : chunk.length;
      const piece = chunk.subarray(0, room);
      received += chunk.length;
      if (Math.random() < corruption) corrupt(piece);
      later(async () => {
        if (bytesPerSecond !== undefined) await delay((1000 * piece.length) / bytesPerSecond);
        if (!to.destroyed && !to.write(piece)) await Promise.race([once(to, "drain"), once(to, "close")]);
        passed += piece.length;
        waiting -= chunk.length;
        if (waiting <= highWater) from.resume();
        if (room < chunk.length) for (const socket of [from, to]) socket.end();
      });
    });
    from.on("end", () => later(() => void to.end()));
    from.on("close", () => later(() => void to.destroy()));
    from.on("error", () => {});
  };

  const listener = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    if (faults.cut === "reset") {
      client.on("error", () => {}).resetAndDestroy();
      return;
    }
    const server = connect({ ...target, noDelay: true, allowHalfOpen: true });
    const pair = [client, server] as const;
    open.add(pair);
    for (const socket of pair) socket.on("close", () => open.delete(pair));
    carry(client, server, true);
    carry(server, client, false);
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");

  const set = (next: LinkFaults) => {
    faults = next;
    if (next.cut === "reset") for (const pair of open) for (const socket of pair) socket.resetAndDestroy();
    change.resolve();
    change = Promise.withResolvers();
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    set,
    heal: () => set({}),
    passed: () => passed,
    async [Symbol.asyncDispose]() {
      set({ cut: "reset" });
      listener.close();
      await once(listener, "close");
    },
  };
}

/** Turns one byte into another. */
function corrupt(piece: Buffer): void {
  const at = Math.floor(Math.random() * piece.length);
  const byte = piece[at];
  if (byte !== undefined) piece[at] = byte ^ (1 + Math.floor(Math.random() * 255));
}
