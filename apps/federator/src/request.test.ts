import { once } from "node:events";
import { Agent, createServer, type RequestListener } from "node:http";
import { expect, test } from "vitest";
import { request } from "./request.ts";

async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");
  const agent = new Agent({ keepAlive: true });
  const url = `http://127.0.0.1:${address.port}/x`;
  return {
    ask: (body?: Uint8Array, timeoutMs = 5_000) =>
      request(url, { agent, headers: {}, timeoutMs, ...(body === undefined ? {} : { body }) }),
    async [Symbol.asyncDispose]() {
      agent.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

test("a body is posted, and without one is asked; both tell status, text and when", async () => {
  await using server = await serve((asked, answer) => {
    void asked.toArray().then((chunks) => {
      answer.writeHead(asked.method === "POST" ? 200 : 404).end(`${asked.method} ${chunks.join("")}`);
    });
  });
  const posted = await server.ask(Buffer.from("é"));
  expect(posted).toMatchObject({ status: 200, text: "POST é" });
  expect(posted.answeredAtMs).toBeGreaterThanOrEqual(posted.sentAtMs);
  expect(await server.ask()).toMatchObject({ status: 404, text: "GET " });
});

test("a connection that is closed just when it is used again is no failure", async () => {
  let requests = 0;
  const sockets = new Set<unknown>();
  await using server = await serve((asked, answer) => {
    requests++;
    if (sockets.size === sockets.add(asked.socket).size) return void asked.socket.destroy();
    answer.end("ok");
  });
  for (let i = 0; i < 3; i++) expect((await server.ask()).text).toBe("ok");
  expect(requests).toBe(5);
});

test.each<[string, RequestListener, string, RegExp]>([
  ["closes the connection", (asked) => void asked.socket.destroy(), "unreachable", /cannot be reached/],
  ["answers nothing", () => {}, "timeout", /did not answer within 0.2 s/],
  [
    "ends its answer in the middle",
    (asked, answer) =>
      void answer.writeHead(200, { "content-length": "10" }).write("ok", () => asked.socket.destroy()),
    "unreachable",
    /aborted/,
  ],
])("a server that %s is told", async (_, listener, code, message) => {
  await using server = await serve(listener);
  await expect(server.ask(Buffer.from("x"), 200)).rejects.toMatchObject({
    name: "LinkError",
    code,
    message: expect.stringMatching(message) as string,
  });
});

test("nobody there is told with the address", async () => {
  const server = await serve((_, answer) => answer.end());
  await server[Symbol.asyncDispose]();
  await expect(server.ask()).rejects.toMatchObject({
    code: "unreachable",
    message: expect.stringContaining("ECONNREFUSED") as string,
  });
});
