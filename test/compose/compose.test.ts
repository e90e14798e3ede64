import { expect, test, vi } from "vitest";
import { type Stack, startStack, whyNoStack } from "./stack.ts";

const gateways = ["gateway-1", "gateway-2", "gateway-3"] as const;
/** The load balancer's scrape and itself, three gateways, two reapers, Prometheus. */
const targets = 8;

test("docker compose up: pushed, read from every gateway, scraped by its Prometheus, and again after the primary is killed", {
  timeout: 360_000,
}, async ({ skip }) => {
  const reason = await whyNoStack();
  if (reason !== undefined) {
    process.stderr.write(`test/compose is skipped: ${reason}.\n`);
    skip(reason);
  }
  await using stack = await startStack();

  await push(stack, 1);
  for (const gateway of gateways) expect(await readFrom(stack, gateway)).toBe("1");
  await vi.waitFor(
    async () => expect(await query(stack, 'compose_value{job="compose"}')).toBe("1"),
    patiently,
  );
  await vi.waitFor(async () => expect(await query(stack, "count(up == 1)")).toBe(String(targets)), patiently);

  const killed = await primary(stack);
  await stack.compose("kill", killed);
  await push(stack, 2);
  for (const gateway of gateways) expect(await readFrom(stack, gateway)).toBe("2");
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

async function push(stack: Stack, value: number): Promise<void> {
  const response = await fetch(`${stack.url}/metrics/job/compose`, {
    method: "PUT",
    body: `# TYPE compose_value gauge\ncompose_value ${value}\n`,
  });
  expect(`${response.status} ${await response.text()}`).toBe("200 ");
}

async function readFrom(stack: Stack, gateway: string): Promise<string | undefined> {
  const scrape = await stack.getInside(gateway, "/metrics", 9091);
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
