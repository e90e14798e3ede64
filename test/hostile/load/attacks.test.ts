import { test } from "vitest";
import { startRedis } from "../../support/redis.ts";
import { type AttackName, attacks } from "./attacks.ts";
import { withstand } from "./withstand.ts";

const timeout = 90_000;
/** With all attacks at once a new connection may be let in only at the fifth attempt, half a minute later. */
const longTimeout = 240_000;
const all = Object.keys(attacks) as AttackName[]; // they are its keys

for (const attack of all)
  test(`a normal job is served beside ${attack}`, { timeout }, () => withstand([attack], { replicas: 1 }));

// With attackers, job, gateways and Redis on the same two processors hardly any is left: here it counts that nothing fails.

test("no push of a normal job fails beside all attacks at once", { timeout: longTimeout }, () =>
  withstand(all, { replicas: 1 }, { p99: Number.POSITIVE_INFINITY }),
);

test("no push of a normal job fails beside all attacks at once, on two replicas with Redis", {
  timeout: longTimeout,
}, async () => {
  await using redis = await startRedis();
  await withstand(all, { replicas: 2, redisUrl: redis.url }, { p99: Number.POSITIVE_INFINITY });
});
