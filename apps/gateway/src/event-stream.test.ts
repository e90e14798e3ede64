import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { groupOf } from "@pushfleet/groups";
import { createEmbeddedStore } from "@pushfleet/store";
import { View } from "@pushfleet/view";
import { expect, test } from "vitest";
import { EventStream, Seats } from "./event-stream.ts";

/** A server of events that looks at its store all the time, and how to change something. */
async function startStream({ maxClients = 10 } = {}) {
  const store = await createEmbeddedStore({});
  const view = new View(store);
  const seats = new Seats(maxClients);
  const stream = new EventStream({ view, seats, everyMs: 1, restFactor: 0, maxWaiting: 10_000 });
  const server = createServer((_request, response) => {
    void view.sync().then((snapshot) => stream.follow(response, snapshot));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const groups = Array.from({ length: 100 }, (_, i) => groupOf([["job", `${i}`]]));
  return {
    stream,
    seats,
    url: `http://127.0.0.1:${port}`,
    port,
    /** 100 groups, so that events are as long as they ever get. */
    async change() {
      await Promise.all(groups.map((group) => store.push(group, [], { mode: "replace" })));
    },
    async [Symbol.asyncDispose]() {
      await stream.stop();
      server.close();
      await store.close();
    },
  };
}

test("a client that does not read is dropped, while others are told everything", async () => {
  await using served = await startStream();
  const lazy = connect(served.port, "127.0.0.1");
  lazy.pause();
  lazy.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await expect.poll(() => served.stream.clientCount).toBe(1);
  const reader = await fetch(served.url);
  let received = 0;
  const reading = (async () => {
    for await (const chunk of reader.body ?? []) received += chunk.length;
  })();
  await expect.poll(() => served.stream.clientCount).toBe(2);
  while (served.stream.clientCount === 2) {
    const before = received;
    await served.change();
    while (received === before) await nextTurn(); // one look for each change, so that it is told in full
  }
  expect(served.stream.clientCount).toBe(1);
  const before = received;
  await served.change();
  await expect.poll(() => received).toBeGreaterThan(before);
  await served.stream.stop();
  await reading;
  lazy.destroy();
});

test("nothing is done for nobody, and a later client is served as the first was", async () => {
  await using served = await startStream({ maxClients: 1 });
  for (let turn = 0; turn < 2; turn++) {
    const gone = new AbortController();
    const answer = await fetch(served.url, { signal: gone.signal });
    expect(served.seats.areTaken).toBeTrue();
    await served.change();
    const events = answer.body?.getReader();
    let text = "";
    while (!text.includes('"changed":')) text += Buffer.from((await events?.read())?.value ?? []).toString();
    gone.abort();
    await expect.poll(() => served.stream.clientCount).toBe(0);
    expect(served.seats.taken).toBe(0);
  }
});
