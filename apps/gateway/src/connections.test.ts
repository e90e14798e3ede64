import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { Connections } from "./connections.ts";

/** A server that answers `/now` at once, `/large` with more than a connection holds, and everything else when told to. */
async function startServer(most: number) {
  let dropped = 0;
  const connections = new Connections({ most, onDropped: () => dropped++ });
  const waiting: ServerResponse[] = [];
  const server = createServer((request, response) => {
    request.resume();
    if (request.url === "/now") response.end("now");
    else if (request.url === "/large") response.end(Buffer.alloc(64 * 1024 * 1024));
    else waiting.push(response);
  });
  connections.watch(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const clients: Socket[] = [];
  return {
    connections,
    waiting,
    get dropped() {
      return dropped;
    },
    /** Resolves when the server has the connection, and what was sent over it. */
    async open(sent = ""): Promise<Socket> {
      const accepted = once(server, "connection");
      const socket = connect(port, "127.0.0.1").on("error", () => {});
      clients.push(socket);
      const [served]: Socket[] = await accepted;
      if (sent !== "") socket.write(sent);
      await expect.poll(() => served?.destroyed === true || served?.bytesRead === sent.length).toBeTrue();
      return socket;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy();
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

const ask = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

async function answerOf(socket: Socket): Promise<string> {
  const [data] = await once(socket, "data");
  return String(data);
}

test("in place of one too many the connection is closed that has been silent for longest", async () => {
  await using server = await startServer(3);
  const first = await server.open();
  const second = await server.open();
  const third = await server.open();
  const closed = once(first, "close");
  const fourth = await server.open(ask("/now"));
  await closed;
  expect(await answerOf(fourth)).toInclude("now");
  expect([second.destroyed, third.destroyed]).toEqual([false, false]);
  expect(server.connections.count).toBe(3);
  expect(server.dropped).toBe(1);
});

test("a connection counts from its last request, and half a request is none", async () => {
  await using server = await startServer(2);
  const asking = await server.open(ask("/now"));
  await answerOf(asking);
  const half = await server.open("GET /now HTT");
  asking.write(ask("/now"));
  await answerOf(asking);
  const closed = once(half, "close");
  await server.open();
  await closed;
  expect(asking.destroyed).toBeFalse();
});

test("a request whose body does not come, and an answer that is not read, are no reason to wait", async () => {
  await using server = await startServer(2);
  const sending = await server.open("POST /later HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123");
  const reading = await server.open(ask("/large"));
  reading.pause();
  for (const slow of [sending, reading]) {
    const closed = once(slow, "close");
    slow.resume(); // or nobody would see the end
    await server.open();
    await closed;
  }
});

test("whoever is being answered keeps the connection, and a new one has to go if all are such", async () => {
  await using server = await startServer(2);
  const [first, second] = [await server.open(ask("/later")), await server.open(ask("/later"))];
  await expect.poll(() => server.waiting.length).toBe(2);
  const third = await server.open();
  if (!third.destroyed) await once(third, "close");
  expect(server.connections.count).toBe(2);
  for (const response of server.waiting) response.end("at last");
  expect(await answerOf(first)).toInclude("at last");
  expect(await answerOf(second)).toInclude("at last");
});

test("unused connections can be closed without touching others", async () => {
  await using server = await startServer(10);
  const unused = await server.open();
  const asking = await server.open("GET /");
  const closed = once(unused, "close");
  server.connections.closeUnused();
  await closed;
  await expect.poll(() => server.connections.count).toBe(1);
  expect(asking.destroyed).toBeFalse();
});
