import { extname } from "node:path";
import { afterAll, beforeAll, expect, type TestContext, test, vi } from "vitest";
import { type Stack, startStack, whyNoStack } from "./stack.ts";

const gateways = ["gateway-1", "gateway-2", "gateway-3"] as const;
/** The load balancer's scrape and itself, three gateways, two reapers, Prometheus. */
const targets = 8;

let stack: Stack | undefined;
let reason: string | undefined;
beforeAll(async () => {
  reason = await whyNoStack();
  if (reason === undefined) stack = await startStack();
  else process.stderr.write(`test/compose is skipped: ${reason}.\n`);
}, 300_000);
afterAll(() => stack?.[Symbol.asyncDispose]());

/** The stack, which all tests share; skips the test where there is none. */
function running({ skip }: TestContext): Stack {
  return stack ?? skip(reason);
}

test("the page behind the load balancer is the web UI, all replicas have the same files for it, and the API answers", async (context) => {
  const stack = running(context);
  const page = await fetch(stack.url);
  expect(page.status).toBe(200);
  expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
  const html = await page.text();
  const [, nonce = "none"] = /<meta name="style-nonce" content="(.+?)">/.exec(html) ?? [];
  expect(page.headers.get("content-security-policy")).toContain(`style-src 'self' 'nonce-${nonce}'`);

  const assets = await fetchAssets(stack, html);
  expect(new Set(assets.map((name) => extname(name)))).toEqual(new Set([".js", ".css", ".svg", ".woff2"]));
  for (const gateway of gateways) {
    expect(assetsIn(await stack.getInside(gateway, "/", 9091))).toEqual(assetsIn(html));
    const files = await stack.compose("exec", "-T", gateway, "ls", "apps/web/dist/assets");
    expect(files.trimEnd().split("\n")).toEqual(assets.toSorted());
  }

  const status = await fetch(`${stack.url}/api/v1/status`);
  expect(status.status).toBe(200);
  expect(await status.json()).toMatchObject({ status: "success" });
});

test("docker compose up: pushed, read from every gateway, scraped by its Prometheus, and again after the primary is killed", {
  timeout: 200_000,
}, async (context) => {
  const stack = running(context);
  await push(stack, 1);
  for (const gateway of gateways) expect(await readFresh(stack, gateway)).toBe("1");
  await vi.waitFor(
    async () => expect(await query(stack, 'compose_value{job="compose"}')).toBe("1"),
    patiently,
  );
  await vi.waitFor(async () => expect(await query(stack, "count(up == 1)")).toBe(String(targets)), patiently);

  const killed = await primary(stack);
  await stack.compose("kill", killed);
  await push(stack, 2);
  for (const gateway of gateways) expect(await readFresh(stack, gateway)).toBe("2");
  await vi.waitFor(
    async () => expect(await query(stack, 'compose_value{job="compose"}')).toBe("2"),
    patiently,
  );
  const successor = await primary(stack);
  expect(successor).not.toBe(killed);

  // It comes back as a replica of the new primary, not as what it was.
  await stack.compose("up", "--detach", "--no-build", "--no-deps", killed);
  await vi.waitFor(async () => {
    const replication = await stack.redisCli(killed, "info", "replication");
    expect(replication).toContain(`master_host:${successor}`);
    expect(replication).toContain("master_link_status:up");
  }, patiently);
});

const patiently = { timeout: 60_000, interval: 500 };

const contentTypes: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/** The files that the page names, and those that these name, each fetched so often that every gateway has its turn. */
async function fetchAssets({ url }: Stack, html: string): Promise<readonly string[]> {
  const names = assetsIn(html);
  expect(names).not.toBeEmpty();
  // Grows while it is walked.
  for (const name of names) {
    for (let turn = 0; turn < 2 * gateways.length; turn++) {
      const response = await fetch(`${url}/assets/${name}`);
      expect(`${response.status} ${response.headers.get("content-type")}`, name).toBe(
        `200 ${contentTypes[extname(name)]}`,
      );
      for (const named of assetsIn(await response.text())) names.add(named);
    }
  }
  return [...names];
}

/** What Vite calls the files it made: a name, a hash of what is in it, and what it is. */
function assetsIn(text: string): Set<string> {
  return new Set([...text.matchAll(/\b[\w-]+-[\w-]{8}\.(?:css|js|svg|woff2)\b/g)].map(([name]) => name));
}

async function push(stack: Stack, value: number): Promise<void> {
  const response = await fetch(`${stack.url}/metrics/job/compose`, {
    method: "PUT",
    body: `# TYPE compose_value gauge\ncompose_value ${value}\n`,
  });
  expect(`${response.status} ${await response.text()}`).toBe("200 ");
}

/**
 * The value in the first scrape of a gateway that calls itself fresh: one that is still looking for the new primary, while
 * another has found it, shows the last known state and says so.
 */
async function readFresh(stack: Stack, gateway: string): Promise<string | undefined> {
  const scrape = await vi.waitFor(async () => {
    const scrape = await stack.getInside(gateway, "/metrics", 9091);
    expect(scrape).toMatch(/^pushfleet_store_up 1$/m);
    return scrape;
  }, patiently);
  return /^compose_value\{instance="",job="compose"\} (.*)$/m.exec(scrape)?.[1];
}

/** The name of the container that the Sentinels call the primary. */
async function primary(stack: Stack): Promise<string> {
  const [name] = (
    await stack.redisCli("sentinel-1", "-p", "26379", "sentinel", "get-master-addr-by-name", "pushfleet")
  ).split("\n");
  return name ?? "";
}

/** The value of the one series that Prometheus has for it; undefined when there is none. */
async function query(stack: Stack, expression: string): Promise<string | undefined> {
  const response = await fetch(`${stack.prometheusUrl}/api/v1/query?query=${encodeURIComponent(expression)}`);
  // Prometheus' own format of an instant vector.
  const answer = (await response.json()) as { data: { result: { value: [number, string] }[] } };
  return answer.data.result[0]?.value[1];
}
