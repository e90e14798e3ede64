import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { buffer, json, text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Api, startApi, stores } from "./client.ts";
import { type Operation, readDescription } from "./description.ts";
import { refusedValues } from "./refused-values.ts";

const description = readDescription();
/** Upstream's endpoints pass over whatever they are given. */
const strict = description.operations.filter(({ tags }) => !tags.includes("upstream"));
const lenient = description.operations.filter(({ tags }) => tags.includes("upstream"));

const someId = "A".repeat(22);
const any = '{job="a"}';

test("every parameter that the description tells of is given what it does not take", () => {
  for (const { route, method, parameters } of strict)
    expect(Object.keys(refusedValues[`${method} ${route}`] ?? {}), `${method} ${route}`).toIncludeSameMembers(
      [...parameters],
    );
});

interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Empty for HEAD. */
  readonly error: string;
}

/** Sends what `fetch` would not; checks that the answer has the form of the API's errors. */
async function refusalOf(
  { url }: Api,
  target: string,
  {
    method = "GET",
    body = "",
    headers = {},
  }: { method?: string; body?: string; headers?: Record<string, string> } = {},
): Promise<Refusal> {
  const asking = request(`${url}/api/v1${target}`, { method, headers });
  asking.end(body);
  const [answer] = await once(asking, "response");
  const { statusCode: status, headers: received } = answer;
  if (method === "HEAD") {
    expect(await buffer(answer)).toBeEmpty();
    return { status, headers: received, error: "" };
  }
  expect(received["content-type"]).toBe("application/json");
  const content: unknown = await json(answer);
  expect(problemsOf(content)).toBeEmpty();
  const { error } = content as { readonly error: string }; // as the line before found
  return { status, headers: received, error };
}

/** How it differs from `Error`, which is the same in all answers. */
function problemsOf(body: unknown): readonly string[] {
  return description.problemsOf({ route: "/groups", method: "get", status: 400, body });
}

function targetOf({ route, method }: Operation, query: [string, string][] = []): string {
  const parameters = new URLSearchParams(query);
  if (method === "delete" && !parameters.has("match[]")) parameters.append("match[]", any);
  const path = route.replace("{id}", someId);
  return parameters.size === 0 ? path : `${path}?${parameters}`;
}

describe.each(stores)("on the %s store", (store) => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi(store);
    await api.push("a", "m 1\n");
  });
  afterAll(() => api[Symbol.asyncDispose]());

  describe.each(strict)("$method $route", (operation) => {
    const { route, parameters } = operation;
    const method = operation.method.toUpperCase();
    const values = Object.entries(refusedValues[`${operation.method} ${route}`] ?? {});

    test.each(values)("refuses by name what %s does not take", async (name, cases) => {
      for (const [value, reason] of cases) {
        const target = name === "id" ? route.replace("{id}", value) : targetOf(operation, [[name, value]]);
        const { status, error } = await refusalOf(api, target, { method });
        expect(status, target).toBe(400);
        expect(error, target).toStartWith(`${name}: ${reason}`);
      }
    });

    test("refuses a parameter that is repeated, unless it is a list", async () => {
      for (const name of parameters.filter((name) => name !== "id" && name !== "match[]")) {
        const { status, error } = await refusalOf(
          api,
          targetOf(operation, [
            [name, "1"],
            [name, "1"],
          ]),
          { method },
        );
        expect(status, name).toBe(400);
        expect(error).toBe(`${name}: may be given only once`);
      }
    });

    test("refuses parameters that it does not have, and tells which it has", async () => {
      const known = parameters.filter((name) => name !== "id").join(", ") || "none";
      for (const name of ["Limit", "match", "dryrun", "", "__proto__"]) {
        const { status, error } = await refusalOf(api, targetOf(operation, [[name, "1"]]), { method });
        expect(status, name).toBe(400);
        expect(error).toBe(`${name}: unknown parameter; there are ${known}`);
      }
    });

    test("refuses percent-encoding that is broken or not UTF-8", async () => {
      for (const pair of ["search=%FF", "search=%zz", "search=100%", "%C3=1", "search=%ED%A0%80"]) {
        const target = targetOf(operation);
        const { status, error } = await refusalOf(
          api,
          `${target}${target.includes("?") ? "&" : "?"}${pair}`,
          {
            method,
          },
        );
        expect(status, pair).toBe(400);
        expect(error).toBe(`${pair}: not UTF-8 in percent-encoding`);
      }
    });

    test("refuses a body, where parameters would be lost", async () => {
      const chunked = { "Transfer-Encoding": "chunked" };
      for (const headers of [{ "Content-Length": "12" }, chunked]) {
        const { status, error } = await refusalOf(api, targetOf(operation), {
          method,
          headers,
          body: "dry_run=true",
        });
        expect(status).toBe(400);
        expect(error).toStartWith("the request has a body");
      }
    });

    test("refuses other methods, and tells which there are", async () => {
      const known = strict
        .filter((other) => other.route === route)
        .map((other) => other.method.toUpperCase());
      const others = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY"].filter(
        (other) => !known.includes(other),
      );
      for (const other of others) {
        const { status, headers, error } = await refusalOf(api, targetOf(operation), { method: other });
        expect(status, other).toBe(405);
        expect(headers["allow"]).toBe([...known, "OPTIONS"].sort().join(", "));
        if (other !== "HEAD") expect(error).toBe(`${other} is not allowed here, only ${known.join(", ")}`);
      }
    });
  });

  test.each(lenient)("$method $route passes over a query and a body, as upstream does", async ({ route }) => {
    const asking = request(`${api.url}/api/v1${route}?x=%FF&x`, { headers: { "Content-Length": "1" } });
    asking.end("x");
    const [answer] = await once(asking, "response");
    expect(answer.statusCode).toBe(200);
    expect(await json(answer)).toMatchObject({ status: "success" });
  });

  test("there is no group of an id that is unknown, and none of one that cannot be read", async () => {
    const unknown = await refusalOf(api, `/groups/${someId}`);
    expect(unknown).toMatchObject({ status: 404, error: `there is no group ${someId}, or not any more` });
    const unreadable = await refusalOf(api, "/groups/%FF");
    expect(unreadable).toMatchObject({ status: 400, error: "malformed percent-encoding in the path" });
  });

  test("nothing is deleted without a selector, nor what more than max match", async () => {
    const missing = await refusalOf(api, "/groups", { method: "DELETE" });
    expect(missing).toMatchObject({ status: 400, error: expect.stringMatching(/^match\[\]: is missing/) });
    const selectors = new URLSearchParams([
      ["match[]", any],
      ["match[]", '{job!="b"}'],
    ]);
    const broad = await refusalOf(api, `/groups?${selectors}`, { method: "DELETE" });
    expect(broad).toMatchObject({ status: 400, error: expect.stringContaining("may match everything") });
    expect(await api.jobsOf({})).toEqual(["a"]);
  });

  test("browsers let pages of other sites read, and not delete", async () => {
    const preflight = async (path: string) => {
      const { status, headers } = await fetch(`${api.url}/api/v1${path}`, { method: "OPTIONS" });
      return [status, headers.get("access-control-allow-methods")];
    };
    expect(await preflight("/groups")).toEqual([200, null]);
    expect(await preflight("/metrics")).toEqual([200, "GET, POST, DELETE, OPTIONS"]);
    const read = await fetch(`${api.url}/api/v1/groups`);
    expect(read.headers.get("access-control-allow-origin")).toBe("*");
  });

  test("what only looks wrong is taken", async () => {
    const matching = [
      '{job=~"(?i)A"}',
      '{job=~"(?P<name>a)"}',
      '{job=~"\\\\pL+"}',
      '{"job"="a",}',
      'job="a"',
    ];
    for (const selector of matching)
      expect(await api.jobsOf({ "match[]": selector }), selector).toEqual(["a"]);
    expect(await api.jobsOf({ "match[]": ["{}", '{job="b"}'] })).toEqual(["a"]);
    expect(await api.jobsOf({ stale: "9".repeat(400) })).toEqual([]);
    expect(await api.jobsOf({ search: "", cursor: "" })).toEqual(["a"]);
    expect(await api.jobsOf({ search: "😀".repeat(1_000) })).toEqual([]);
    expect(await api.jobsOf({ failed: "false", stale: "0", limit: "0001" })).toEqual(["a"]);
  });

  test("an address in the form that proxies ask for is read as any other", async () => {
    const [head, body] = await exchange(
      api,
      `GET ${api.url}/api/v1/jobs?limit=0 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    );
    expect(head).toStartWith("HTTP/1.1 400 ");
    expect(body).toInclude("limit: must be a whole number");
  });

  test.each([
    [
      "an address of more than 16 KiB",
      `GET /api/v1/groups?search=${"x".repeat(17_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
      431,
    ],
    ["an address that is not ASCII", "GET /api/v1/groups?search=ä HTTP/1.1\r\nHost: a\r\n\r\n", 400],
    ["an address with a blank", "GET /api/v1/groups?search=a b HTTP/1.1\r\nHost: a\r\n\r\n", 400],
    ["no HTTP at all", "hello\r\n\r\n", 400],
  ])("%s is refused with a reason, and the gateway goes on", async (_what, sent, status) => {
    const [head, body] = await exchange(api, sent);
    expect(head).toStartWith(`HTTP/1.1 ${status} `);
    expect(head).toInclude("Content-Type: application/json");
    expect(problemsOf(JSON.parse(body))).toBeEmpty();
    expect(await api.jobsOf({})).toEqual(["a"]);
  });
});

/** Sends the bytes; resolves to head and body of the answer when the connection ends. */
async function exchange({ url }: Api, sent: string): Promise<readonly [head: string, body: string]> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.write(sent);
  const [head = "", body = ""] = (await text(socket)).split("\r\n\r\n");
  return [head, body];
}
