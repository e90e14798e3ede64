import { mkdtemp } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { createChance } from "../conformance/random.ts";
import { startGateway } from "../support/gateway.ts";
import { freePort } from "../support/ports.ts";

const pushers = 8;
/** All tests together must stay bearable; PUSHFLEET_KILLS asks for more. */
const kills = Number(process.env["PUSHFLEET_KILLS"] ?? 60);
const longestRunMs = 150;

/** What one pusher knows of its group: the last value answered with 200, and the one whose answer it never saw. */
interface Knowledge {
  acknowledged: number;
  attempted: number;
}

test(`${kills} kills with SIGKILL at random moments under load lose no acknowledged push`, {
  timeout: 3_000 * kills,
}, async () => {
  const file = join(await mkdtemp(join(tmpdir(), "pushfleet-")), "groups.db");
  const port = await freePort();
  const chance = createChance(9);
  const known: Knowledge[] = Array.from({ length: pushers }, () => ({ acknowledged: 0, attempted: 0 }));
  let answered = 0;
  for (let round = 0; round < kills; round++) {
    await using gateway = await startGateway({
      port,
      flags: [`--persistence.file=${file}`, "--log.level=error"],
    });
    expectKept(await scrape(gateway.url), known);
    const load = known.map((knowledge, pusher) => pushUntilRefused(port, pusher, knowledge));
    await delay(chance.int(0, longestRunMs));
    await gateway.process.stop("SIGKILL");
    answered += (await Promise.all(load)).reduce((sum, count) => sum + count, 0);
  }
  await using gateway = await startGateway({ port, flags: [`--persistence.file=${file}`] });
  expectKept(await scrape(gateway.url), known);
  // The load must have been one, or nothing was proven.
  expect(answered).toBeGreaterThan(kills * pushers);
});

/** Pushes 1, 2, 3 … into its group, each after the answer to the one before, until the gateway dies. */
async function pushUntilRefused(port: number, pusher: number, knowledge: Knowledge): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let answers = 0; ; answers++) {
    knowledge.attempted += 1;
    const status = await push(
      { agent, port, path: `/metrics/job/durable/pusher/${pusher}` },
      knowledge.attempted,
    );
    if (status === undefined) {
      agent.destroy();
      return answers;
    }
    expect(status).toBe(200);
    knowledge.acknowledged = knowledge.attempted;
  }
}

function push(
  target: { agent: Agent; port: number; path: string },
  value: number,
): Promise<number | undefined> {
  return new Promise((resolve) => {
    const put = request({ ...target, host: "127.0.0.1", method: "PUT" }, (response) => {
      resolve(response.statusCode);
      response.resume();
    });
    put.on("error", () => resolve(undefined));
    put.end(`value ${value}\nsame_value ${value}\n`);
  });
}

async function scrape(url: string): Promise<ReadonlyMap<string, readonly number[]>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const values = new Map<string, number[]>();
  for (const [, pusher = "", value] of text.matchAll(/^(?:same_)?value\{.*pusher="(\d+)"\} (\S+)$/gm)) {
    values.set(pusher, [...(values.get(pusher) ?? []), Number(value)]);
  }
  return values;
}

/** A push without an answer may have been stored or not; afterwards what is there is what counts. */
function expectKept(values: ReadonlyMap<string, readonly number[]>, known: Knowledge[]): void {
  known.forEach((knowledge, pusher) => {
    const [value = 0, same = 0] = values.get(String(pusher)) ?? [];
    expect(same, `pusher ${pusher}: half a push`).toBe(value);
    expect(value, `pusher ${pusher}: an acknowledged push is missing`).toBeWithin(
      knowledge.acknowledged,
      knowledge.attempted + 1,
    );
    knowledge.acknowledged = value;
    knowledge.attempted = value;
  });
}
