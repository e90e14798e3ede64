import { once } from "node:events";
import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { LimitExceeded } from "@pushfleet/exposition";
import { expect, test } from "vitest";
import { Bodies, BodiesTooMany, RequestAborted } from "./bodies.ts";

const kibibyte = 1024;

/** Requests whose bodies the test sends piece by piece. */
async function startServer() {
  const arrived: IncomingMessage[] = [];
  const server = createServer((incoming) => arrived.push(incoming));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    /** A request as its client and as the server has it. */
    async begin(headers: Record<string, string> = {}) {
      const count = arrived.length;
      const client = request({ port, method: "PUT", headers, agent: false }).on("error", () => {});
      client.flushHeaders();
      await expect.poll(() => arrived.length).toBe(count + 1);
      return { client, incoming: arrived[count] as IncomingMessage }; // just seen
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

test("a body is whole, and counts until it is released", async () => {
  await using server = await startServer();
  const bodies = new Bodies(kibibyte);
  const { client, incoming } = await server.begin();
  const receiving = bodies.receive(incoming, kibibyte);
  client.write("abc");
  client.end("def");
  const { pieces, release } = await receiving;
  expect(Buffer.concat(pieces).toString()).toBe("abcdef");
  expect(bodies.heldBytes).toBe(6);
  release();
  expect(bodies.heldBytes).toBe(0);
});

test("a body that is announced or turns out too large is refused, and nothing of it kept", async () => {
  await using server = await startServer();
  const bodies = new Bodies(kibibyte);
  for (const headers of [{ "Content-Length": "11" }, {}]) {
    const { client, incoming } = await server.begin(headers);
    const receiving = bodies.receive(incoming, 10);
    client.end("01234567890");
    await expect(receiving).rejects.toStrictEqual(new LimitExceeded("push.max-body-size", { value: 10 }));
    expect(bodies.heldBytes).toBe(0);
  }
});

test("when bodies take too much together, the one that has been arriving for longest makes room", async () => {
  await using server = await startServer();
  const bodies = new Bodies(10 * kibibyte);
  const slow = await server.begin();
  const slowly = bodies.receive(slow.incoming, 8 * kibibyte);
  slow.client.write(Buffer.alloc(6 * kibibyte));
  await expect.poll(() => bodies.heldBytes).toBe(6 * kibibyte);
  const prompt = await server.begin();
  const promptly = bodies.receive(prompt.incoming, 8 * kibibyte);
  prompt.client.end(Buffer.alloc(6 * kibibyte));
  slow.client.end();
  await expect(slowly).rejects.toBeInstanceOf(BodiesTooMany);
  const { pieces, release } = await promptly;
  expect(pieces[0]).toHaveLength(6 * kibibyte);
  release();
  expect(bodies.heldBytes).toBe(0);
});

test("a body that finds no room because all are being read is refused itself", async () => {
  await using server = await startServer();
  const bodies = new Bodies(10 * kibibyte);
  const first = await server.begin();
  const reading = bodies.receive(first.incoming, 10 * kibibyte);
  first.client.end(Buffer.alloc(8 * kibibyte));
  const { release } = await reading;
  const second = await server.begin();
  const refused = bodies.receive(second.incoming, 10 * kibibyte);
  second.client.end(Buffer.alloc(8 * kibibyte));
  await expect(refused).rejects.toBeInstanceOf(BodiesTooMany);
  expect(bodies.heldBytes).toBe(8 * kibibyte);
  release();
});

test("a client that goes away leaves nothing behind", async () => {
  await using server = await startServer();
  const bodies = new Bodies(kibibyte);
  const { client, incoming } = await server.begin();
  const receiving = bodies.receive(incoming, kibibyte);
  client.write("abc");
  await expect.poll(() => bodies.heldBytes).toBe(3);
  client.destroy();
  await expect(receiving).rejects.toBeInstanceOf(RequestAborted);
  expect(bodies.heldBytes).toBe(0);
});

test("large bodies that wait to be read leave room for small ones, which are refused for none of them", async () => {
  await using server = await startServer();
  const bodies = new Bodies(1024 * kibibyte);
  const waiting = await server.begin();
  waiting.client.end(Buffer.alloc(800 * kibibyte));
  const held = await bodies.receive(waiting.incoming, 1024 * kibibyte);
  const small = await server.begin();
  const receivingSmall = bodies.receive(small.incoming, 1024 * kibibyte);
  small.client.write(Buffer.alloc(kibibyte));
  await expect.poll(() => bodies.heldBytes).toBe(801 * kibibyte);
  const large = await server.begin();
  const receivingLarge = bodies.receive(large.incoming, 1024 * kibibyte);
  large.client.end(Buffer.alloc(200 * kibibyte));
  await expect(receivingLarge).rejects.toBeInstanceOf(BodiesTooMany);
  small.client.end();
  expect((await receivingSmall).pieces[0]).toHaveLength(kibibyte);
  held.release();
});
