import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { expect, test } from "vitest";
import { createAuthority } from "../redis/certificates.ts";
import { startGateway } from "../support/gateway.ts";
import type { HttpServer } from "../support/reference.ts";
import { createClient } from "../tls/client.ts";
import { startConfigured, temporaryDirectory } from "../tls/configured-gateway.ts";

/** A connection over which the test sends what it likes; it is closed with the test. */
class Client implements Disposable {
  readonly socket: Socket;
  received = "";
  readonly closed: Promise<unknown>;

  constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.on("close", resolve));
    socket.on("error", () => {}).on("data", (data: Buffer) => (this.received += data.toString("latin1")));
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

async function open(gateway: HttpServer, sent = ""): Promise<Client> {
  const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  await once(socket, "connect");
  if (sent !== "") socket.write(sent);
  return new Client(socket);
}

const put = (gateway: HttpServer, job: string, body: string) =>
  fetch(`${gateway.url}/metrics/job/${job}`, { method: "PUT", body });

const unfinished = {
  headers: "PUT /metrics/job/slow HTTP/1.1\r\nHost: x\r\nContent-Le",
  body: "PUT /metrics/job/slow HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nm 1\n",
  chunk: "PUT /metrics/job/slow HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nm 1\n",
};

test.each(Object.entries(unfinished))(
  "a request that stops in the middle of its %s gets 408 in time, and nothing is stored",
  async (_where, sent) => {
    await using gateway = await startGateway({ flags: ["--web.read-timeout=1s"] });
    using client = await open(gateway, sent);
    await client.closed;
    expect(client.received).toMatch(/^HTTP\/1\.1 408 /);
    expect(await (await fetch(`${gateway.url}/metrics`)).text()).not.toInclude('job="slow"');
  },
);

test("a request that comes byte by byte gets no more time", async () => {
  await using gateway = await startGateway({ flags: ["--web.read-timeout=1s"] });
  using client = await open(gateway);
  let at = 0;
  const dripping = setInterval(() => client.socket.write(unfinished.body[at++] ?? "x"), 50);
  await client.closed;
  clearInterval(dripping);
  expect(client.received).toMatch(/^HTTP\/1\.1 408 /);
});

test("an answer that nobody reads is given up", async () => {
  await using gateway = await startGateway({ flags: ["--web.read-timeout=1s", "--push.timeout=1s"] });
  const line = (i: number) => `m{path="${"x".repeat(200)}${i}"} ${i}\n`;
  const lines = Array.from({ length: 100_000 }, (_, i) => line(i)).join("");
  expect((await put(gateway, "large", lines)).status).toBe(200);
  const connections = async () =>
    Number(
      /^pushfleet_connections (\d+)$/m.exec(await (await fetch(`${gateway.url}/-/metrics`)).text())?.[1],
    );
  const before = await connections();
  using client = await open(gateway);
  client.socket.pause();
  client.socket.write("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  await expect.poll(connections).toBe(before + 1);
  await expect.poll(connections, { timeout: 15_000 }).toBe(before);
});

test("clients that keep silent, and requests that never end, do not hold up a stop", async () => {
  await using gateway = await startGateway({ flags: ["--push.timeout=1s"] });
  const clients = await Promise.all(["", ...Object.values(unfinished)].map((sent) => open(gateway, sent)));
  const begin = performance.now();
  expect(await gateway.process.stop("SIGTERM")).toBe(0);
  expect(performance.now() - begin).toBeLessThan(15_000);
  for (const client of clients) client[Symbol.dispose]();
});

test("a push that is being sent when the gateway stops is taken", async () => {
  await using gateway = await startGateway();
  const body = "m 1\n";
  using client = await open(
    gateway,
    `PUT /metrics/job/a HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\nm`,
  );
  await expect.poll(async () => (await fetch(`${gateway.url}/-/ready`)).status).toBe(200);
  const stopped = gateway.process.stop("SIGTERM");
  await expect.poll(() => gateway.process.output()).toInclude("stopping");
  client.socket.write(body.slice(1));
  await client.closed;
  expect(client.received).toMatch(/^HTTP\/1\.1 200 /);
  expect(await stopped).toBe(0);
});

test("as many silent connections as there may be are in nobody's way", async () => {
  await using gateway = await startGateway({ flags: ["--web.max-connections=50"] });
  const silent = await Promise.all(Array.from({ length: 120 }, () => open(gateway)));
  for (let push = 0; push < 60; push++) {
    const answer = await fetch(`${gateway.url}/metrics/job/a`, {
      method: "PUT",
      body: `m ${push}\n`,
      headers: { Connection: "close" },
    });
    expect(answer.status).toBe(200);
  }
  const own = await (await fetch(`${gateway.url}/-/metrics`)).text();
  expect(Number(/^pushfleet_connections (\d+)$/m.exec(own)?.[1])).toBeLessThanOrEqual(50);
  expect(Number(/^pushfleet_connections_dropped_total (\d+)$/m.exec(own)?.[1])).toBeGreaterThanOrEqual(70);
  expect(gateway.process.output().match(/--web\.max-connections/g)).toHaveLength(1);
  for (const client of silent) client[Symbol.dispose]();
});

test("with TLS too, whoever asks keeps the connection, and whoever only shook hands makes room", async () => {
  const directory = await temporaryDirectory();
  const authority = await createAuthority(directory, "ca");
  const { certFile, keyFile } = await authority.issue("IP:127.0.0.1");
  const ca = await readFile(authority.caFile, "utf8");
  await using gateway = await startConfigured(
    `tls_server_config:\n  cert_file: ${certFile}\n  key_file: ${keyFile}\n`,
    { directory, scheme: "https", flags: ["--web.max-connections=5"] },
  );
  const { port } = gateway;
  using client = createClient({ port, ca });
  const ask = async () => (await client.send("/metrics/job/a", { method: "PUT", body: "m 1\n" })).status;
  expect(await ask()).toBe(200);
  const silent: Client[] = [];
  for (let i = 0; i < 12; i++) {
    const socket = connectTls({ port, host: "127.0.0.1", ca });
    silent.push(new Client(socket));
    await once(socket, "secureConnect");
    expect(await ask()).toBe(200);
  }
  expect(client.connections).toBe(1);
  await silent[0]?.closed;
  for (const each of silent) each[Symbol.dispose]();
});

test("a push that takes long to read is answered, however long its client has to keep silent", async () => {
  await using gateway = await startGateway({ flags: ["--web.read-timeout=200ms", "--push.timeout=1ms"] });
  const lines = Array.from({ length: 100_000 }, (_, i) => `m{path="${i}"} ${i}\n`).join("");
  expect((await put(gateway, "large", lines)).status).toBe(200);
});
