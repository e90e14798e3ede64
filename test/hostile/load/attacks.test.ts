import { test } from "vitest";
import { startRedis } from "../../support/redis.ts";
import { type AttackName, attacks } from "./attacks.ts";
import { type Bounds, withstand } from "./withstand.ts";

const timeout = 90_000;
/** With all attacks at once a new connection may be let in only at the fifth attempt, half a minute later. */
const longTimeout = 240_000;
const all = Object.keys(attacks) as AttackName[]; // they are its keys

/**
 * Where the target of five times the quiet p99 is missed. What remains is single steps on 32 MiB, of 30 to 250 ms each: making
 * a line of 30 MB a string, putting the text of 200,000 series together, writing it to the store.
 */
const missed: Partial<Record<AttackName, Bounds>> = {
  "huge pushes": { p99: 2_000 },
  "pushes at the limits": { p99: 2_000 },
};

for (const attack of all)
  test(`a normal job is served beside ${attack}`, { timeout }, () =>
    withstand([attack], { replicas: 1 }, missed[attack]),
  );

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
