import { expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { startReference } from "../support/reference.ts";
import { createHome } from "./pushfleet.ts";

/** The groups of the gateway by their jobs. */
async function jobs(url: string): Promise<readonly string[]> {
  const { data } = (await (await fetch(`${url}/api/v1/metrics`)).json()) as {
    data: readonly { labels: { job: string } }[];
  };
  return data.map(({ labels }) => labels.job);
}

test.each([
  ["Pushfleet", startGateway],
  ["Pushgateway", startReference],
])("a %s is measured, and left as it was", async (_, start) => {
  await using gateway = await start();
  await using home = await createHome(gateway.url);
  await home.run(["push", "--job=own"], { input: "own 1\n" });
  const args = ["bench", "--json", "--duration=500ms", "--groups=5", "--series=20", "--connections=2"];
  const { exitCode, stdout, stderr } = await home.run(args);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const result = JSON.parse(stdout);
  expect(result).toMatchObject({ groups: 5, series: 20, connections: 2, failed: 0 });
  expect(result.seconds).toBeWithin(0.5, 5);
  expect(result.pushes).toBeGreaterThan(5);
  expect(result.push_ms.p50).toBeGreaterThan(0);
  expect(result.push_ms.max).toBeGreaterThanOrEqual(result.push_ms.p99);
  // Five groups of twenty series were in it.
  expect(result.scrape_bytes).toBeGreaterThan(5 * 20 * 50);
  // A Pushgateway deletes after its answer.
  await expect.poll(() => jobs(gateway.url)).toEqual(["own"]);
});

test("interrupted, it tells what it has and cleans up", async () => {
  await using gateway = await startGateway();
  await using home = await createHome(gateway.url);
  const running = home.start(["bench", "--duration=5m"]);
  await expect
    .poll(() => jobs(gateway.url), { timeout: 15_000 })
    .toContainEqual(expect.stringMatching(/^pushfleet-bench-/));
  running.signal("SIGINT");
  const { exitCode, stdout } = await running.ended;
  expect({ exitCode, stdout }).toEqual({
    exitCode: 0,
    stdout: expect.stringMatching(
      /^\d+ pushes to .*\npushes a second +\d+.*\none push +p50 .*\nscrape +.* MiB\n$/,
    ),
  });
  expect(await jobs(gateway.url)).toEqual([]);
});

test("other hosts have to be meant, and nothing goes on for ever", async () => {
  await using home = await createHome("http://gateway.example.com:9091");
  expect(await home.run(["bench"])).toMatchObject({
    exitCode: 1,
    stderr:
      "pushfleet: gateway.example.com:9091 is not on this host: --yes says that it may be put under load\n",
  });
  expect((await home.run(["bench", "--duration=6m"])).exitCode).toBe(2);
  const nobody = await home.run(["bench", "--url=http://127.0.0.1:1", "--timeout=300ms"]);
  expect(nobody).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("ECONNREFUSED") });
});
