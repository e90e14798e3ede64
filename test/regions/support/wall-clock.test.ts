import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { freePort } from "../../support/ports.ts";
import { startRedisProcess } from "../../support/redis-process.ts";
import { createWallClock } from "./wall-clock.ts";

test("Redis has the clock that it is given, while it runs", async () => {
  await using started = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "pushfleet-clock-test-"));
  started.defer(() => rm(directory, { recursive: true, force: true }));
  const clock = started.use(await createWallClock());
  const { env } = clock;
  const place = { mode: "server", host: "127.0.0.1", port: await freePort(), directory } as const;
  const redis = started.use(await startRedisProcess({ ...place, settings: ['save ""'], env }));
  const aheadMs = async () => {
    const [seconds, micros] = (await redis.command("time")) as [string, string]; // as Redis documents it
    return Number(seconds) * 1000 + Number(micros) / 1000 - Date.now();
  };
  expect(await aheadMs()).toBeWithin(-200, 200);
  for (const set of [30_250, -30_250, 120_000, 0]) {
    await clock.set(set);
    expect(await aheadMs()).toBeWithin(set - 200, set + 200);
  }
});
