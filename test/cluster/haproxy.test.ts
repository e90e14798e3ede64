import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { startHaproxy } from "../support/haproxy.ts";
import { freePort } from "../support/ports.ts";
import { type Client, createClient } from "./checker/client.ts";

// How the project's own configuration treats gateways at the very moments that a real gateway is never caught in for
// certain; the rows of the fault table do the same with real ones.

const push = { method: "PUT", path: "/metrics/job/a", body: "a 1\n" } as const;
/** More than HAProxy holds to repeat it (tune.bufsize). */
const largePush = { ...push, body: `a{b="${"x".repeat(1_000)}"} 1\n`.repeat(200) } as const;
const wipe = { method: "PUT", path: "/api/v1/admin/wipe", body: "" } as const;

test("a push whose gateway dies before it answers is repeated at another", async () => {
  await using dying = await startPlayedGateway({ dies: true });
  await using dyingToo = await startPlayedGateway({ dies: true });
  await using living = await startPlayedGateway({});
  await using balancer = await startHaproxy([dying.url, dyingToo.url, living.url]);
  expect(await statuses(balancer.url, push, 20)).toEqual(new Array(20).fill(200));
  expect(living.received.map(({ body }) => body)).toEqual(new Array(20).fill(push.body));
  expect(dying.received.length + dyingToo.received.length).toBeGreaterThan(0);
});

test("what is not safe to repeat, or too large to be held, is sent once: the client gets 502", async () => {
  for (const question of [wipe, largePush]) {
    await using first = await startPlayedGateway({ dies: true });
    await using second = await startPlayedGateway({ dies: true });
    await using third = await startPlayedGateway({ dies: true });
    await using balancer = await startHaproxy([first.url, second.url, third.url]);
    expect(await statuses(balancer.url, question, 5)).toEqual(new Array(5).fill(502));
    expect(first.received.length + second.received.length + third.received.length).toBe(5);
  }
});

test("whatever cannot be connected to is repeated: nobody has had it", async () => {
  await using living = await startPlayedGateway({});
  const nobody = async () => `http://127.0.0.1:${await freePort()}`;
  await using balancer = await startHaproxy([await nobody(), await nobody(), living.url]);
  for (const question of [push, largePush, wipe])
    expect(await statuses(balancer.url, question, 5)).toEqual(new Array(5).fill(200));
  expect(living.received.every(({ body }) => [push.body, largePush.body, ""].includes(body))).toBeTrue();
});

test("a gateway that is not ready gets no more requests, unless none is ready", async () => {
  await using draining = await startPlayedGateway({});
  await using ready = await startPlayedGateway({});
  await using drained = await startPlayedGateway({ isReady: false });
  await using balancer = await startHaproxy([draining.url, ready.url, drained.url]);
  draining.setReady(false);
  // HAProxy believes in each gateway until its checks have failed.
  await expect
    .poll(() => reachedBy(balancer.url, [draining, drained]), { timeout: 10_000, interval: 100 })
    .toBe(0);

  ready.setReady(false);
  await expect.poll(() => statusOf(`${balancer.statisticsUrl}/-/ready`), { timeout: 10_000 }).toBe(503);
  expect(await statuses(balancer.url, push, 3)).toEqual([200, 200, 200]);
});

test("without a gateway clients are told to come back, and HAProxy tells how it is", async () => {
  const living = await startPlayedGateway({});
  const nobody = async () => `http://127.0.0.1:${await freePort()}`;
  await using balancer = await startHaproxy([await nobody(), await nobody(), living.url]);
  await living[Symbol.asyncDispose]();
  using client = createClient({ keepAlive: false });
  const url = `${balancer.url}${push.path}`;
  expect(await client.send({ ...push, url })).toMatchObject({ status: 503, retryAfter: "1" });
  await expect.poll(() => statusOf(`${balancer.statisticsUrl}/-/ready`), { timeout: 10_000 }).toBe(503);
  expect(await statusOf(`${balancer.statisticsUrl}/-/healthy`)).toBe(200);
  expect(await statusOf(`${balancer.statisticsUrl}/metrics`)).toBe(200);
});

test("clients that each connect anew share few connections to the gateways, which learn who asks", async () => {
  await using gateway = await startPlayedGateway({});
  await using balancer = await startHaproxy([gateway.url, gateway.url, gateway.url]);
  await statuses(balancer.url, push, 30);
  expect(gateway.received.map(({ forwardedFor }) => forwardedFor)).toEqual(new Array(30).fill("127.0.0.1"));
  expect(new Set(gateway.received.map(({ connection }) => connection)).size).toBeLessThan(15);
});

test("a gateway for regions gets all that other regions bring and nothing else; while it is away the others take that", async () => {
  await using forJobs = await startPlayedGateway({});
  await using forRegions = await startPlayedGateway({});
  const three = [forJobs.url, forJobs.url, forJobs.url] as const;
  await using balancer = await startHaproxy(three, { gatewayForRegions: forRegions.url });
  const batch = { method: "POST", path: "/federation/v1/changes", body: "batch" } as const;
  expect(await statuses(balancer.url, push, 5)).toEqual(new Array(5).fill(200));
  expect(await statuses(balancer.url, batch, 5)).toEqual(new Array(5).fill(200));
  expect(forJobs.received.map(({ body }) => body)).toEqual(new Array(5).fill(push.body));
  expect(forRegions.received.map(({ body }) => body)).toEqual(new Array(5).fill(batch.body));

  const takenByOthers = async () => {
    await statuses(balancer.url, batch, 1);
    return forJobs.received.some(({ body }) => body === batch.body);
  };
  forRegions.setReady(false);
  await expect.poll(takenByOthers, { timeout: 10_000, interval: 100 }).toBeTrue();
  await forRegions[Symbol.asyncDispose]();
  expect(await statuses(balancer.url, batch, 5)).toEqual(new Array(5).fill(200));
});

interface PlayedGateway extends AsyncDisposable {
  readonly url: string;
  /** All requests that arrived in full, but those for its health. */
  readonly received: readonly Received[];
  setReady(isReady: boolean): void;
}

interface Received {
  readonly body: string;
  readonly forwardedFor: string | undefined;
  /** Port of the peer: the same for all requests of one connection. */
  readonly connection: number | undefined;
}

/** What HAProxy sees of a gateway: it is ready or not, and answers 200 or dies over each request it has read. */
async function startPlayedGateway(part: { dies?: boolean; isReady?: boolean }): Promise<PlayedGateway> {
  const received: Received[] = [];
  let { isReady = true } = part;
  const server = createServer((request, response) => {
    if (request.url === "/-/ready") return void response.writeHead(isReady ? 200 : 503).end();
    void readAll(request).then((body) => {
      const forwardedFor = request.headers["x-forwarded-for"]?.toString();
      received.push({ body, forwardedFor, connection: request.socket.remotePort });
      if (part.dies) request.socket.destroy();
      else response.end();
    });
  });
  const port = await freePort();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    setReady(now) {
      isReady = now;
    },
    async [Symbol.asyncDispose]() {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

interface Question {
  readonly method: "PUT" | "POST";
  readonly path: string;
  readonly body: string;
}

/** Asks one after the other, each on a connection of its own. */
async function statuses(url: string, { path, ...question }: Question, times: number): Promise<number[]> {
  using client = createClient({ keepAlive: false });
  const all: number[] = [];
  for (let time = 0; time < times; time++)
    all.push((await client.send({ ...question, url: url + path })).status);
  return all;
}

/** How many of a few pushes in a row reach these gateways. */
async function reachedBy(url: string, gateways: readonly PlayedGateway[]): Promise<number> {
  const count = () => gateways.reduce((sum, { received }) => sum + received.length, 0);
  const before = count();
  expect(await statuses(url, push, 6)).toEqual(new Array(6).fill(200));
  return count() - before;
}

async function statusOf(url: string): Promise<number> {
  using client: Client = createClient({ keepAlive: false });
  return (await client.send({ method: "GET", url })).status;
}
