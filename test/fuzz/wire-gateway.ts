import { duplexPair } from "node:stream";
import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";
import { gatewayOptions, readOptions } from "@pushfleet/config";
import { createApp } from "../../apps/gateway/src/app.ts";
import { type Context, createContext } from "../../apps/gateway/src/context.ts";
import { serverFactory } from "../../apps/gateway/src/http-server.ts";

/** A whole gateway with an embedded store in this process, with its HTTP server but without sockets. */
export interface WireGateway extends AsyncDisposable {
  readonly context: Context;
  /**
   * Sends the bytes down a connection of their own. Resolves to what came back when it is closed, or begins to follow events,
   * or at the latest after so many milliseconds.
   */
  send(bytes: Buffer, patienceMs: number): Promise<Buffer>;
  /** Lines of the log that tell of errors, since the last call. */
  takeErrors(): readonly string[];
}

export async function openWireGateway(flags: readonly string[]): Promise<WireGateway> {
  const { config } = readOptions(gatewayOptions, [...flags, "--log.level=error"], {});
  let errors: string[] = [];
  const build = { version: "0", revision: "unknown", branch: "unknown" };
  const sink = { write: (line: string) => void errors.push(line) };
  const context = await createContext(config, { build, sink });
  const server = serverFactory(createApp(context), context)();
  return {
    context,
    async send(bytes, patienceMs) {
      const [client, socket] = duplexPair();
      Object.assign(socket, { remoteAddress: "127.0.0.1", remotePort: 1, localPort: 9091 });
      const chunks: Buffer[] = [];
      let isOver = false;
      client.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        isOver ||= chunks.length === 1 && chunk.includes("\r\nContent-Type: text/event-stream");
      });
      for (const event of ["end", "close", "error"]) client.on(event, () => (isOver = true));
      socket.on("error", () => (isOver = true));
      server.emit("connection", socket);
      client.write(bytes);
      const deadline = performance.now() + patienceMs;
      for (let turns = 0; !isOver && performance.now() < deadline; turns++)
        await (turns < 100 ? nextTurn() : delay(1));
      client.destroy();
      socket.destroy();
      return Buffer.concat(chunks);
    },
    takeErrors() {
      const taken = errors;
      errors = [];
      return taken;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      await context.readings.stopEvents();
      await context.warmer.stop();
      await context.store.close();
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: Buffer;
}

/** The first answer of a connection; undefined when there is none. */
export function firstAnswer(bytes: Buffer): Answer | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  const head = bytes.subarray(0, end).toString("latin1");
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
  if (end < 0 || Number.isNaN(status)) return undefined;
  const body = bytes.subarray(end + 4);
  return { status, head, body: /^transfer-encoding: chunked/im.test(head) ? joined(body) : body };
}

function joined(chunked: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; at < chunked.length; ) {
    const end = chunked.indexOf("\r\n", at);
    const length = Number.parseInt(chunked.subarray(at, end).toString(), 16);
    if (end < 0 || !(length > 0)) break;
    chunks.push(chunked.subarray(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
  }
  return Buffer.concat(chunks);
}
