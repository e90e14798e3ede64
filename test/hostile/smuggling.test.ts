import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import type { HttpServer } from "../support/reference.ts";

// What a proxy in front may take for one request must not be two here, or the other way round: somebody else's request,
// with its credentials, would become a part of an attacker's. Whatever two servers could read differently is refused
// and ends the connection (RFC 9112 §6.3, §11.2).

let gateway: HttpServer;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

/** Sends the bytes over one connection; resolves to all that came back once the server closed it or had nothing left to say. */
async function exchange(bytes: string): Promise<{ statuses: number[]; isClosed: boolean }> {
  const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  await once(socket, "connect");
  let received = "";
  let isClosed = false;
  socket.on("data", (data) => (received += data.toString("latin1")));
  socket.on("close", () => (isClosed = true)).on("error", () => {});
  socket.write(bytes, "latin1");
  const statuses = () => [...received.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status));
  await expect.poll(() => isClosed || statuses().length > 0).toBeTrue();
  // A request that is sent now is answered after all that came before it, however that was read.
  if (!isClosed) {
    socket.write("GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    await expect.poll(() => isClosed).toBeTrue();
    return { statuses: statuses(), isClosed: false };
  }
  return { statuses: statuses(), isClosed: true };
}

const smuggled = "PUT /metrics/job/smuggled HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nm 1\n";

async function isSmuggled(): Promise<boolean> {
  return (await (await fetch(`${gateway.url}/metrics`)).text()).includes('job="smuggled"');
}

const push = (headers: string, body: string) =>
  `PUT /metrics/job/a HTTP/1.1\r\nHost: x\r\n${headers}\r\n${body}`;

describe("what could be read in two ways is refused, and the connection ends", () => {
  test.each<[string, string]>([
    [
      "a length and chunks",
      push("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", `0\r\n\r\n${smuggled}`),
    ],
    [
      "chunks and a length",
      push("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", `0\r\n\r\n${smuggled}`),
    ],
    ["two lengths", push("Content-Length: 0\r\nContent-Length: 80\r\n", smuggled)],
    ["two equal lengths", push("Content-Length: 4\r\nContent-Length: 4\r\n", `m 1\n${smuggled}`)],
    ["a list of lengths", push("Content-Length: 4, 4\r\n", `m 1\n${smuggled}`)],
    ["a length with a sign", push("Content-Length: +4\r\n", `m 1\n${smuggled}`)],
    ["a negative length", push("Content-Length: -1\r\n", smuggled)],
    ["a hexadecimal length", push("Content-Length: 0x4\r\n", `m 1\n${smuggled}`)],
    ["a length beyond all bounds", push("Content-Length: 99999999999999999999\r\n", smuggled)],
    ["a blank before the colon", push("Transfer-Encoding : chunked\r\n", `0\r\n\r\n${smuggled}`)],
    ["a blank before the name", push(" Transfer-Encoding: chunked\r\n", `0\r\n\r\n${smuggled}`)],
    ["a vertical tab before the value", push("Transfer-Encoding: \vchunked\r\n", `0\r\n\r\n${smuggled}`)],
    ["an encoding that is none", push("Transfer-Encoding: xchunked\r\n", `0\r\n\r\n${smuggled}`)],
    [
      "chunked before something else",
      push("Transfer-Encoding: chunked, identity\r\n", `0\r\n\r\n${smuggled}`),
    ],
    [
      "two encodings, of which the last is not chunked",
      push("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", `0\r\n\r\n${smuggled}`),
    ],
    [
      "a header that goes on in the next line",
      push("X: y\r\n Transfer-Encoding: chunked\r\n", `0\r\n\r\n${smuggled}`),
    ],
    [
      "a size of a chunk with a sign",
      push("Transfer-Encoding: chunked\r\n", `+4\r\nm 1\n\r\n0\r\n\r\n${smuggled}`),
    ],
    [
      "a size of a chunk with 0x",
      push("Transfer-Encoding: chunked\r\n", `0x4\r\nm 1\n\r\n0\r\n\r\n${smuggled}`),
    ],
    [
      "a size of a chunk beyond all bounds",
      push("Transfer-Encoding: chunked\r\n", `10000000000000004\r\nm 1\n\r\n0\r\n\r\n${smuggled}`),
    ],
    [
      "a chunk that is longer than it says",
      push("Transfer-Encoding: chunked\r\n", `1\r\nm 1\n\r\n0\r\n\r\n${smuggled}`),
    ],
    [
      "lines that end in a line feed only, in chunks",
      push("Transfer-Encoding: chunked\r\n", `4\nm 1\n\n0\n\n${smuggled}`),
    ],
    ["a NUL in a header", push("X: a\0b\r\nContent-Length: 4\r\n", `m 1\n${smuggled}`)],
    [
      "a carriage return in a header",
      push("X: a\rTransfer-Encoding: chunked\r\nContent-Length: 4\r\n", `m 1\n${smuggled}`),
    ],
    ["no host", "PUT /metrics/job/a HTTP/1.1\r\nContent-Length: 4\r\n\r\nm 1\n"],
    ["a version that is none", "PUT /metrics/job/a HTTP/1.1.1\r\nHost: x\r\n\r\n"],
  ])("%s", async (_what, bytes) => {
    const { statuses, isClosed } = await exchange(bytes);
    expect(statuses.at(-1)).toBe(400);
    expect(statuses).not.toContain(200);
    expect(isClosed).toBeTrue();
    expect(await isSmuggled()).toBeFalse();
  });
});

describe("the body of a request is never the next request", () => {
  test.each<[string, string, number]>([
    [
      "of a push without a group",
      `PUT /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
      405,
    ],
    [
      "of a scrape",
      `GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
      200,
    ],
    [
      "of a deletion",
      `DELETE /metrics/job/b HTTP/1.1\r\nHost: x\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
      202,
    ],
    [
      "of what there is not",
      `POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
      404,
    ],
    [
      "of a malformed path",
      `PUT /metrics/job/%zz HTTP/1.1\r\nHost: x\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
      400,
    ],
    [
      "in chunks, of what there is not",
      `POST /nowhere HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`,
      404,
    ],
    [
      "of a wish to speak otherwise",
      `GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
      200,
    ],
  ])("%s", async (_what, bytes, status) => {
    const { statuses } = await exchange(bytes);
    expect(statuses[0]).toBe(status);
    expect(statuses.length).toBeLessThanOrEqual(2);
    expect(await isSmuggled()).toBeFalse();
  });
});

test("requests that follow each other without waiting are each answered, in order", async () => {
  const requests = ["/metrics/job/p1", "/metrics/job/p2", "/metrics/job/p3"].map(
    (path) => `PUT ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nm 1\n`,
  );
  const { statuses } = await exchange(`${requests.join("")}GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n`);
  expect(statuses).toEqual([200, 200, 200, 404, 200]);
});
