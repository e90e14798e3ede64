/** What the API answers to those it does not serve, compared with its description. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rulesFile, tokens } from "../access/rules.ts";
import { startGateway } from "../support/gateway.ts";
import { hashes } from "../tls/password-hashes.ts";
import { contentOf } from "./client.ts";
import { type Operation, readDescription } from "./description.ts";

const description = readDescription();
const { operations } = description;

/** Sends what would do no harm if it were served; checks that the answer is as described. */
async function ask(
  url: string,
  { route, method }: Operation,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; headers: Headers; body: unknown }> {
  const query = method === "delete" ? '?match[]={job="nobody"}' : "";
  const path = `/api/v1${route.replace("{id}", "A".repeat(22))}${query}`;
  const answer = await fetch(url + path, { method: method.toUpperCase(), headers });
  const { status } = answer;
  const { contentType, body } = await contentOf(answer);
  expect(description.problemsOf({ route, method, status, contentType, body })).toBeEmpty();
  return { status, headers: answer.headers, body };
}

/** In the form that the operation has for errors. */
function errorOf({ tags }: Operation, errorType: string, text: string): unknown {
  return tags.includes("upstream") ? `${text}\n` : { status: "error", errorType, error: text };
}

const basic = (credentials: string) => ({
  Authorization: `Basic ${Buffer.from(credentials).toString("base64")}`,
});

describe("with access rules", () => {
  const started = new AsyncDisposableStack();
  let url: string;
  beforeAll(async () => {
    const rules = started.use(await rulesFile());
    ({ url } = started.use(await startGateway({ flags: [`--config.file=${rules.path}`] })));
  });
  afterAll(() => started.disposeAsync());

  describe.each(operations)("$method $route", (operation) => {
    const { route, method } = operation;
    const role = method === "delete" ? "delete" : "read";
    const need = `${method.toUpperCase()} of this path needs the role "${role}"`;

    test("is refused to whoever has no credentials, or wrong ones, with 401", async () => {
      const missing = await ask(url, operation);
      expect(missing).toMatchObject({ status: 401 });
      expect(missing.body).toEqual(errorOf(operation, "unauthenticated", `Unauthorized: ${need}`));
      for (const headers of [
        { Authorization: "Bearer wrong" },
        basic("a:b"),
        { Authorization: "Digest x" },
      ]) {
        const wrong = await ask(url, operation, headers);
        expect(wrong).toMatchObject({ status: 401 });
        expect(wrong.headers.get("www-authenticate")).toBe("Basic");
        expect(wrong.body).toEqual(errorOf(operation, "unauthenticated", "Unauthorized"));
      }
    });

    test("is refused to whoever has not the role, with 403", async () => {
      const answer = await ask(url, operation, { Authorization: `Bearer ${tokens.pusher}` });
      expect(answer).toMatchObject({ status: 403 });
      expect(answer.body).toEqual(errorOf(operation, "forbidden", `Forbidden: pusher: ${need}`));
    });

    test("tells its methods without credentials, as browsers ask before they send any", async () => {
      const answer = await fetch(`${url}/api/v1${route.replace("{id}", "x")}`, { method: "OPTIONS" });
      expect(answer.status).toBe(200);
      expect(await answer.text()).toBe("");
    });
  });

  test("a page of another site is refused a deletion, as described", async () => {
    const [deletion] = operations.filter(({ method }) => method === "delete");
    if (deletion === undefined) throw new Error("nothing can be deleted");
    const answer = await ask(url, deletion, { Origin: "https://evil.example" });
    expect(answer).toMatchObject({ status: 403, body: { errorType: "forbidden" } });
  });
});

describe("with a web configuration file", () => {
  async function startWith(text: string, flags: readonly string[] = []) {
    await using started = new AsyncDisposableStack();
    const directory = await mkdtemp(join(tmpdir(), "pushfleet-api-"));
    started.defer(() => rm(directory, { recursive: true }));
    const file = join(directory, "web.yml");
    await writeFile(file, text);
    const gateway = started.use(await startGateway({ flags: [`--web.config.file=${file}`, ...flags] }));
    const all = started.move();
    return { url: gateway.url, [Symbol.asyncDispose]: () => all.disposeAsync() };
  }

  test("every endpoint answers 429 as described when the rate limit is used up", async () => {
    await using gateway = await startWith("rate_limit:\n  interval: 1h\n  burst: 1\n");
    expect((await fetch(`${gateway.url}/metrics`)).status).toBe(200);
    for (const operation of operations) {
      const answer = await ask(gateway.url, operation);
      expect(answer).toMatchObject({ status: 429 });
      expect(answer.headers.get("retry-after")).toBe("1");
      expect(answer.body).toEqual(errorOf(operation, "too_often", "Too Many Requests"));
    }
  });

  test("every endpoint answers 503 as described while too many passwords are being checked", async () => {
    // One check takes so long that those of all others are still waiting when the last endpoint has answered.
    await using gateway = await startWith(`basic_auth_users:\n  alice: ${hashes["of alice"]}\n`);
    const flood = Array.from({ length: 64 }, (_, i) =>
      fetch(`${gateway.url}/metrics`, { headers: basic(`alice:wrong ${i}`) }),
    );
    const busy = await Promise.any(
      flood.map((answer) =>
        answer.then(({ status }) => {
          if (status !== 503) throw new Error(`answered ${status}`);
          return status;
        }),
      ),
    );
    expect(busy).toBe(503);
    for (const operation of operations) {
      const answer = await ask(gateway.url, operation, basic(`alice:wrong for ${operation.route}`));
      expect(answer).toMatchObject({ status: 503 });
      expect(answer.headers.get("retry-after")).toBe("1");
    }
    await Promise.all(flood);
  });

  test("users may do everything, and are asked for their passwords as described", async () => {
    await using gateway = await startWith(`basic_auth_users:\n  alice: ${hashes["of alice"]}\n`);
    for (const operation of operations) {
      const { status, body } = await ask(gateway.url, operation);
      expect(status).toBe(401);
      expect(body).toEqual(errorOf(operation, "unauthenticated", "Unauthorized"));
    }
    const status = operations.find(({ route }) => route === "/status");
    if (status === undefined) throw new Error("there is no status");
    expect(await ask(gateway.url, status, basic("alice:of alice"))).toMatchObject({ status: 200 });
  });
});

test("who deletes by selectors more often than allowed gets 429 as described", async () => {
  const [deletion] = operations.filter(({ method }) => method === "delete");
  if (deletion === undefined) throw new Error("nothing can be deleted");
  await using gateway = await startGateway({ flags: ["--push.max-rate-per-identity=0.01"] });
  expect(await ask(gateway.url, deletion)).toMatchObject({ status: 200 });
  const answer = await ask(gateway.url, deletion);
  expect(answer).toMatchObject({ status: 429, body: { errorType: "too_often" } });
  expect(Number(answer.headers.get("retry-after"))).toBeWithin(90, 101);
});
