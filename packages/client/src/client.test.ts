import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { expect, test } from "vitest";
import { ClientError, type ClientOptions, createClient } from "./index.ts";

interface Served extends AsyncDisposable {
  readonly url: string;
  /** What was asked, oldest first. */
  readonly requests: readonly { readonly method: string; readonly url: string; readonly body: string }[];
}

type Reply = { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> };

/** Answers one request after the other with the replies given, and from then on with the last; "silence" never answers. */
async function serve(...replies: readonly (Reply | "silence")[]): Promise<Served> {
  const requests: Served["requests"][number][] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const reply = replies[Math.min(requests.length, replies.length - 1)] ?? "silence";
    requests.push({
      method: request.method ?? "",
      url: request.url ?? "",
      body: `${JSON.stringify(shownHeaders(request.headers))}${Buffer.concat(chunks)}`,
    });
    if (reply !== "silence") response.writeHead(reply.status, reply.headers).end(reply.body);
  };
  const server = createServer((request, response) => void handle(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function shownHeaders(headers: Readonly<Record<string, unknown>>) {
  const { authorization, "pushfleet-ttl": ttl } = headers;
  return { authorization, ttl };
}

/** An address that nobody listens on: what had it is gone. */
async function nobody(): Promise<string> {
  await using server = await serve("silence");
  return server.url;
}

function clientOf(urls: readonly string[], options: Omit<ClientOptions, "urls"> = {}) {
  return createClient({ urls, timeoutMs: 2_000, random: () => 0, ...options });
}

async function failureOf(call: Promise<unknown>): Promise<ClientError> {
  const error: unknown = await call.then(
    () => new Error("it succeeded"),
    (reason: unknown) => reason,
  );
  if (error instanceof ClientError) return error;
  throw error;
}

const merge = { mode: "merge" } as const;

test("the group is in the path, its time to live in a header, and a line feed at the end", async () => {
  await using server = await serve({ status: 200 });
  using client = clientOf([`${server.url}/prefix/`]);
  const labels = { dir: "/var/lib", job: "nightly backup", empty: "" };
  await client.push(labels, "rows 1", { mode: "replace", ttlMs: 90_000 });
  await client.push(labels, Buffer.of(1, 2), { mode: "merge", format: "protobuf", ttlMs: 0 });
  expect(server.requests).toEqual([
    {
      method: "PUT",
      url: "/prefix/metrics/job/nightly%20backup/dir@base64/L3Zhci9saWI",
      body: '{"ttl":"90000ms"}rows 1\n',
    },
    {
      method: "POST",
      url: "/prefix/metrics/job/nightly%20backup/dir@base64/L3Zhci9saWI",
      body: '{"ttl":"0"}\u0001\u0002',
    },
  ]);
});

test("nothing is sent without a job, or to what is no URL", async () => {
  using client = clientOf(["127.0.0.1:1"]);
  for (const labels of [{ instance: "a" }, { job: "\ud800" }])
    expect(await failureOf(client.push(labels, "", merge))).toMatchObject({ code: "bad-option" });
  for (const url of ["redis://localhost", "http://localhost/?ttl=1h", "http://user:secret@"]) {
    expect(() => clientOf([url])).toThrow(/the URL of a gateway must be like/);
    expect(() => clientOf([url])).not.toThrow(/secret/);
  }
  expect(() => clientOf([])).toThrow("no URL");
});

test.each([
  [400, "refused"],
  [401, "unauthenticated"],
  [403, "forbidden"],
  [404, "not-found"],
  [409, "too-many"],
  [413, "too-large"],
  [429, "too-many"],
  [302, "refused"],
])("%d is not repeated, and told with what the gateway says", async (status, code) => {
  await using server = await serve({ status, body: "what is wrong\n", headers: { "Retry-After": "0" } });
  await using other = await serve({ status: 200 });
  using client = clientOf([server.url.replace("//", "//user:secret@"), other.url]);
  const error = await failureOf(client.push({ job: "a" }, "", merge));
  expect(error).toMatchObject({ code, status, answer: "what is wrong", url: server.url });
  expect(error.message).toBe(`POST ${server.url}/metrics/job/a was answered ${status}: what is wrong`);
  expect([server.requests.length, other.requests.length]).toEqual([1, 0]);
});

test.each([500, 502, 503, 504])("%d is repeated until it goes away", async (status) => {
  await using server = await serve({ status }, { status }, { status: 200 });
  using client = clientOf([server.url]);
  await client.push({ job: "a" }, "", merge);
  expect(server.requests.length).toBe(3);
});

test("another gateway is asked at once, and first from then on", async () => {
  await using failing = await serve({ status: 503, headers: { "Retry-After": "60" } });
  await using working = await serve({ status: 200 });
  using client = clientOf([await nobody(), failing.url, working.url]);
  await client.push({ job: "a" }, "", merge);
  await client.push({ job: "a" }, "", merge);
  expect([failing.requests.length, working.requests.length]).toEqual([1, 2]);
});

test("a gateway that does not answer leaves time for another", async () => {
  await using silent = await serve("silence");
  await using working = await serve({ status: 200 });
  using client = clientOf([silent.url, working.url]);
  await client.push({ job: "a" }, "", merge);
  expect(working.requests.length).toBe(1);
});

test("Retry-After is kept, and a wait that is too long is not begun", async () => {
  await using server = await serve({ status: 503, headers: { "Retry-After": "1" } }, { status: 200 });
  using client = clientOf([server.url]);
  const before = performance.now();
  await client.push({ job: "a" }, "", merge);
  expect(performance.now() - before).toBeGreaterThan(990);

  const later = { "Retry-After": new Date(Date.now() + 60_000).toUTCString() };
  await using busy = await serve({ status: 503, body: "store unavailable", headers: later });
  using hasty = clientOf([busy.url]);
  const began = performance.now();
  const error = await failureOf(hasty.push({ job: "a" }, "", merge));
  expect(error).toMatchObject({ code: "unavailable", status: 503, answer: "store unavailable" });
  expect(performance.now() - began).toBeLessThan(1_000);
});

test("the time allowed is for all attempts together", async () => {
  await using silent = await serve("silence");
  using client = clientOf([silent.url, await nobody()], { timeoutMs: 300 });
  const before = performance.now();
  expect((await failureOf(client.push({ job: "a" }, "", merge))).code).toBeOneOf(["timeout", "unreachable"]);
  expect(performance.now() - before).toBeWithin(290, 600);
});

test("the caller can give up, before and while it waits", async () => {
  await using silent = await serve("silence");
  using client = clientOf([silent.url]);
  const reason = new Error("enough");
  const given = AbortSignal.abort(reason);
  expect(await failureOf(client.status({ signal: given }))).toMatchObject({ code: "aborted", cause: reason });
  expect(silent.requests).toBeEmpty();

  const giveUp = new AbortController();
  const call = failureOf(client.status({ signal: giveUp.signal }));
  await expect.poll(() => silent.requests.length).toBe(1);
  giveUp.abort(reason);
  expect(await call).toMatchObject({ code: "aborted", cause: reason });
});

test("credentials go along, of the options or of the URL, and stay out of messages", async () => {
  await using server = await serve({ status: 500 });
  const withUser = server.url.replace("//", "//user:p%40ss@");
  const sent = async (options: Omit<ClientOptions, "urls">) => {
    using client = clientOf([withUser], { ...options, timeoutMs: 50 });
    const { message } = await failureOf(client.push({ job: "a" }, "", merge));
    expect(message).not.toMatch(/p(?:%40|@)ss|user/);
    return server.requests.at(-1)?.body;
  };
  using unescaped = clientOf([server.url.replace("//", "//user:100%@")], { timeoutMs: 50 });
  await failureOf(unescaped.status());
  const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
  expect(server.requests.at(-1)?.body).toBe(JSON.stringify({ authorization: basic("user:100%") }));
  expect(await sent({})).toBe(JSON.stringify({ authorization: basic("user:p@ss") }));
  expect(await sent({ credentials: { kind: "basic", user: "a", password: "b" } })).toBe(
    JSON.stringify({ authorization: basic("a:b") }),
  );
  expect(await sent({ credentials: { kind: "bearer", token: "t" } })).toBe(
    JSON.stringify({ authorization: "Bearer t" }),
  );
});

test("a time without end is one", async () => {
  await using server = await serve({ status: 200 });
  using client = clientOf([server.url], { timeoutMs: Number.POSITIVE_INFINITY });
  await client.push({ job: "a" }, "", merge);
  expect(server.requests.length).toBe(1);
});

test("an answer that is not a gateway's is told as that", async () => {
  await using server = await serve({ status: 200, body: "<html>hello</html>" });
  using client = clientOf([server.url]);
  expect(await failureOf(client.status())).toMatchObject({ code: "bad-answer", url: server.url });
});

test("a kept connection that the server closes just then costs no attempt", async () => {
  let connections = 0;
  const server = createTcpServer((socket) => {
    connections++;
    let requests = 0;
    socket.on("data", () => {
      if (++requests === 1) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      else socket.resetAndDestroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  await using _ = { [Symbol.asyncDispose]: async () => void server.close() };
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");
  // With a pause after a failure, the first repetition would come too late.
  using client = clientOf([`127.0.0.1:${address.port}`], { timeoutMs: 50, random: () => 1 });
  await client.push({ job: "a" }, "", merge);
  await client.push({ job: "a" }, "", merge);
  expect(connections).toBe(2);
});
