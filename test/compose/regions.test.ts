import { afterAll, beforeAll, expect, type TestContext, test, vi } from "vitest";
import { type Stack, startStack, whyNoStack } from "./stack.ts";

let stack: Stack | undefined;
let reason: string | undefined;
beforeAll(async () => {
  reason = await whyNoStack();
  if (reason === undefined) stack = await startStack({ profile: "regions" });
  else process.stderr.write(`test/compose is skipped: ${reason}.\n`);
}, 300_000);
afterAll(() => stack?.[Symbol.asyncDispose]());

/** The stack of two regions, which all tests share; skips the test where there is none. */
async function running({ skip }: TestContext): Promise<Regions> {
  if (stack === undefined) return skip(reason);
  const west = await stack.urlOf("west-haproxy", 9091);
  return { stack, east: stack.url, west, westPrometheusUrl: await stack.urlOf("west-prometheus", 9090) };
}

interface Regions {
  readonly stack: Stack;
  readonly east: string;
  readonly west: string;
  readonly westPrometheusUrl: string;
}

const patiently = { timeout: 90_000, interval: 500 };

test("docker compose --profile regions up: what is pushed in a region is scraped by the Prometheus of both, and all is watched", {
  timeout: 200_000,
}, async (context) => {
  const { stack, east, west, westPrometheusUrl } = await running(context);
  await push(east, "from_east", 1);
  await push(west, "from_west", 2);
  for (const prometheus of [stack.prometheusUrl, westPrometheusUrl]) {
    await vi.waitFor(async () => {
      expect(await query(prometheus, 'compose_value{job="from_east"}')).toBe("1");
      expect(await query(prometheus, 'compose_value{job="from_west"}')).toBe("2");
    }, patiently);
  }
  const watched = (prometheus: string) => query(prometheus, 'count(up{job=~"pushfleet-.*"} == 1)');
  // Three gateways, two reapers and two federators; three gateways, one reaper and one federator.
  await vi.waitFor(async () => expect(await watched(stack.prometheusUrl)).toBe("7"), patiently);
  await vi.waitFor(async () => expect(await watched(westPrometheusUrl)).toBe("5"), patiently);
  await vi.waitFor(
    async () =>
      expect(await query(westPrometheusUrl, 'sum(pushfleet_federator_active{peer="east"})')).toBe("1"),
    patiently,
  );
});

test("regions that are cut apart go on by themselves, and agree when they are joined again", {
  timeout: 200_000,
}, async (context) => {
  const { stack, east, west } = await running(context);
  await push(east, "cut", 1);
  await push(east, "deleted", 1);
  await untilShown(west, "cut", "1");
  await untilShown(west, "deleted", "1");

  await stack.compose("stop", "federator", "west-federator");
  await push(east, "cut", 2);
  await push(west, "cut", 3);
  expect((await fetch(`${west}/metrics/job/deleted`, { method: "DELETE" })).status).toBe(202);
  expect(await shown(east, "cut")).toBe("2");
  expect(await shown(east, "deleted")).toBe("1");

  await stack.compose("start", "federator", "west-federator");
  await untilShown(east, "cut", "3");
  await untilShown(east, "deleted", undefined);
  expect(await shown(west, "cut")).toBe("3");
});

async function push(url: string, job: string, value: number): Promise<void> {
  const body = `# TYPE compose_value gauge\ncompose_value ${value}\n`;
  const response = await fetch(`${url}/metrics/job/${job}`, { method: "PUT", body });
  expect(`${response.status} ${await response.text()}`).toBe("200 ");
}

async function untilShown(url: string, job: string, value: string | undefined): Promise<void> {
  await vi.waitFor(async () => expect(await shown(url, job)).toBe(value), patiently);
}

/** The value of the job in a scrape; undefined when it is not in there. */
async function shown(url: string, job: string): Promise<string | undefined> {
  const scrape = await (await fetch(`${url}/metrics`)).text();
  return new RegExp(`^compose_value\\{instance="",job="${job}"\\} (.*)$`, "m").exec(scrape)?.[1];
}

/** The value of the one series that Prometheus has for it; undefined when there is none. */
async function query(prometheusUrl: string, expression: string): Promise<string | undefined> {
  const response = await fetch(`${prometheusUrl}/api/v1/query?query=${encodeURIComponent(expression)}`);
  // Prometheus' own format of an instant vector.
  const answer = (await response.json()) as { data: { result: { value: [number, string] }[] } };
  return answer.data.result[0]?.value[1];
}
