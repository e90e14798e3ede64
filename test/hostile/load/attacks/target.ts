import { connect, type Socket } from "node:net";
import { authorizationOf } from "../identities.ts";

/** What is attacked, and where it is told what comes of it. */
export interface Target {
  readonly ports: readonly number[];
  count(outcome: string): void;
}

/** Makes all that will be sent. The result begins to send it, and goes on for as long as the process lives. */
export type Attack = (target: Target) => () => void;

export interface RequestParts {
  /** Absent = PUT. */
  readonly method?: "PUT" | "POST" | "GET";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** "" = none. Absent = the intruder's token. */
  readonly authorization?: string;
  readonly body?: Uint8Array;
}

/** A request as it goes over the connection, made once to be sent often: attackers should cost less than the attacked. */
export function requestBytes(parts: RequestParts): Buffer {
  const { method = "PUT", path, headers = {}, body = Buffer.alloc(0) } = parts;
  return Buffer.concat([requestHead({ ...parts, method, path, headers, length: body.length }), body]);
}

export function requestHead(parts: Omit<RequestParts, "body"> & { readonly length: number }): Buffer {
  const { method = "PUT", path, headers = {}, authorization = authorizationOf("intruder"), length } = parts;
  const lines = [
    `${method} ${path} HTTP/1.1`,
    "Host: 127.0.0.1",
    `Content-Length: ${length}`,
    ...(authorization === "" ? [] : [`Authorization: ${authorization}`]),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
}

/**
 * Milliseconds in which all connections are made, and after which one that ended is made again. What matters is what the gateway
 * has to do, not how many gigabytes a second can be sent to it within one machine.
 */
const rampMs = 2_000;
const reconnectMs = 500;

/**
 * Over so many connections, in turn to each port, sends one request after the other: the next as soon as the last is
 * answered. Counts the status codes, and connections that end without an answer.
 */
export function keepSending(
  { ports, count }: Target,
  { connections, next }: { readonly connections: number; readonly next: () => Uint8Array },
): () => void {
  const open = (port: number) => {
    let isAnswered = true;
    const send = (socket: Socket) => {
      isAnswered = false;
      socket.write(next());
    };
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.on("connect", () => send(socket));
    socket.on("data", (chunk) => {
      const status = /^HTTP\/1\.1 (\d{3})/.exec(chunk.toString("latin1", 0, 16))?.[1];
      if (status === undefined) return; // the rest of an answer
      count(status);
      isAnswered = true;
      send(socket);
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      if (!isAnswered) count("closed");
      setTimeout(open, reconnectMs, port);
    });
  };
  return () => {
    for (let i = 0; i < connections; i++)
      setTimeout(open, (i / connections) * rampMs, ports[i % ports.length] ?? 0);
  };
}

/** Calls them one after the other, and begins anew. */
export function inTurn<T>(makers: readonly (() => T)[]): () => T {
  let at = 0;
  return () => {
    const make = makers[at++ % makers.length];
    if (make === undefined) throw new RangeError("nothing to take turns");
    return make();
  };
}
