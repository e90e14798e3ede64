import {
  createFederationStore,
  type FederationStore,
  type Lease,
  type RegionId,
  regionId,
} from "@pushfleet/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RedisServer, startRedis } from "../../../test/support/redis.ts";
import { Tenure } from "./tenure.ts";

let server: RedisServer;
let store: FederationStore;
const here = region("here");
const there = region("there");

beforeAll(async () => {
  server = await startRedis({ settings: { appendonly: "yes", appendfsync: "always" } });
  store = await createFederationStore({ url: server.url, region: here });
});
afterAll(async () => {
  store.close();
  await server[Symbol.asyncDispose]();
});

function region(name: string): RegionId {
  const id = regionId(name);
  if (id === undefined) throw new Error(`${name} is no region`);
  return id;
}

async function leaseOf(owner: string): Promise<Lease> {
  const lease = await store.ledger.acquire(there, owner, 60_000);
  if (lease === null) throw new Error("somebody else has the lease");
  return lease;
}

const position = (change: number, ownAfter: number, history = "h") => ({
  cursor: { history, change },
  ownAfter,
});

test("what is shipped is written down, and the next tenure goes on there", async () => {
  const lease = await leaseOf("a");
  const tenure = new Tenure(lease, await store.ledger.read(there), store.ledger);
  expect(tenure.record).toEqual({ cursor: null, ownAfter: 0, peerHistory: "", comparedAtMs: 0 });
  tenure.advance(position(5, 50));
  const saved = tenure.save();
  tenure.advance(position(7, 70));
  tenure.compared("p", 3);
  await saved;
  await tenure.save();
  expect(await store.ledger.read(there)).toEqual({ ...position(7, 70), peerHistory: "p", comparedAtMs: 3 });
  await store.ledger.release(lease);
});

test("who ships something again does not forget how far it was, unless the store's history is another", () => {
  const record = { ...position(7, 70), peerHistory: "p", comparedAtMs: 3 };
  const tenure = new Tenure({ peer: there, owner: "a", fence: 1 }, record, store.ledger);
  tenure.advance(position(5, 50));
  expect(tenure.record).toEqual(record);
  tenure.advance(position(8, 60));
  expect(tenure.record).toMatchObject(position(8, 70));
  tenure.advance(position(1, 0, "other"));
  expect(tenure.record).toMatchObject(position(1, 0, "other"));
});

test("a tenure ends, and saves nothing, when somebody else has a later lease", async () => {
  const lease = await leaseOf("a");
  const overtaken = new Tenure(lease, null, store.ledger);
  await store.ledger.release(lease);
  const later = new Tenure(await leaseOf("b"), null, store.ledger);
  later.advance(position(9, 90));
  await later.save();
  overtaken.advance(position(1, 1));
  await overtaken.save();
  expect(overtaken.signal.aborted).toBeTrue();
  expect(later.signal.aborted).toBeFalse();
  expect(await store.ledger.read(there)).toMatchObject(position(9, 90));
  await store.ledger.release(later.lease);
});

test("an outage of the store ends no tenure, and what could not be saved is saved with what comes next", async () => {
  const lease = await leaseOf("a");
  const tenure = new Tenure(lease, null, store.ledger);
  await server.kill();
  tenure.advance(position(11, 110));
  await tenure.save();
  expect(tenure.signal.aborted).toBeFalse();
  await server.restart();
  await expect
    .poll(
      () =>
        store.ready().then(
          () => true,
          () => false,
        ),
      { timeout: 10_000 },
    )
    .toBeTrue();
  await tenure.save();
  expect(await store.ledger.read(there)).toMatchObject(position(11, 110));
});
