import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { startLink } from "./link.ts";

test("a sound link passes on every byte, and a delay counts once in each direction, however many pieces come", async () => {
  await using echo = await startEcho();
  await using link = await startLink(echo);
  using client = await open(link.url);
  const sent = Buffer.alloc(3_000_000, "0123456789");
  client.socket.write(sent);
  await expect.poll(() => client.received().length).toBe(sent.length);
  expect(client.received()).toEqual(sent);

  link.set({ delayMs: 100 });
  const begin = performance.now();
  for (let piece = 0; piece < 20; piece++) client.socket.write("x");
  await expect.poll(() => client.received().length, { interval: 5 }).toBe(sent.length + 20);
  expect(performance.now() - begin).toBeWithin(195, 600);
});

test("nothing passes a silent cut, and what was under way arrives when it ends", async () => {
  await using echo = await startEcho();
  await using link = await startLink(echo);
  using client = await open(link.url);
  link.set({ cut: "silent" });
  client.socket.write("late");
  await delay(200);
  expect(client.received().length).toBe(0);
  expect(client.socket.closed).toBe(false);
  link.heal();
  await expect.poll(() => client.received().toString()).toBe("late");
});

test("a cut with resets ends open connections and new ones, until it is healed", async () => {
  await using echo = await startEcho();
  await using link = await startLink(echo);
  using client = await open(link.url);
  link.set({ cut: "reset" });
  await expect.poll(() => client.socket.closed).toBe(true);
  using refused = await open(link.url);
  await expect.poll(() => refused.socket.closed).toBe(true);
  link.heal();
  using again = await open(link.url);
  again.socket.write("back");
  await expect.poll(() => again.received().toString()).toBe("back");
});

test("a link can spoil bytes, end connections early, and be slow", async () => {
  await using echo = await startEcho();
  await using link = await startLink(echo);
  link.set({ corruption: 1 });
  using spoilt = await open(link.url);
  spoilt.socket.write("0123456789");
  await expect.poll(() => spoilt.received().length).toBe(10);
  // Another byte may have been turned on the way back, or the same one back again.
  link.set({ endAfter: 4 });
  using short = await open(link.url);
  short.socket.write("0123456789");
  await expect.poll(() => short.socket.closed).toBe(true);
  expect(short.received().length).toBeLessThanOrEqual(4);
  link.set({ bytesPerSecond: 1_000 });
  using slow = await open(link.url);
  const begin = performance.now();
  slow.socket.write("x".repeat(300));
  await expect.poll(() => slow.received().length, { interval: 5 }).toBe(300);
  expect(performance.now() - begin).toBeGreaterThan(500);
});

async function startEcho() {
  const server = createServer((socket) => void socket.on("error", () => {}).pipe(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    host: "127.0.0.1",
    port: address.port,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

async function open(url: string): Promise<{ socket: Socket; received(): Buffer } & Disposable> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", () => {});
  await new Promise<void>((resolve) => socket.once("connect", resolve).once("close", () => resolve()));
  return {
    socket,
    received: () => Buffer.concat(chunks),
    [Symbol.dispose]: () => void socket.destroy(),
  };
}
