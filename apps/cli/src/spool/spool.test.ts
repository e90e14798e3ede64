import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Spool } from "./spool.ts";
import type { SpooledPush } from "./spooled-push.ts";

async function temporary(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "pushfleet-spool-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

const gateways = ["http://a:9091", "http://b:9091"];
const minute = { forMs: 60_000 };

function pushOf(
  job: string,
  value: number,
  { mode = "merge" as const, atMs = began + value } = {},
): SpooledPush {
  return {
    labels: { job },
    mode,
    atMs,
    families: [
      { name: "n", text: `n ${value}\n` },
      { name: `n${value}`, text: "" },
    ],
  };
}

/** Nothing comes from the future. */
const began = Date.now() - 10_000;

async function claimed(spool: Spool, key: string) {
  const claim = await spool.claim(key, minute);
  if (claim === "none" || claim === "busy") throw new Error(`the claim is ${claim}`);
  return claim;
}

test("what is kept is claimed in one, by one process, until it is settled", async () => {
  await using root = await temporary();
  const spool = new Spool(root.path, gateways);
  const other = new Spool(root.path, gateways.toReversed());
  const key = await spool.add(pushOf("x", 2));
  expect(await other.add(pushOf("x", 1))).toBe(key);
  expect(await other.keys()).toEqual([key]);
  const claim = await claimed(spool, key);
  expect(claim.push.families.map(({ text }) => text)).toIncludeSameMembers(["n 2\n", "", ""]);
  expect(await other.claim(key, minute)).toBe("none");
  await other.add(pushOf("x", 3));
  expect(await other.claim(key, minute)).toBe("busy");
  expect(await spool.waiting(key)).toHaveLength(3);
  await claim.settle();
  expect((await claimed(other, key)).push.families[0]).toEqual({ name: "n", text: "n 3\n" });
});

test("what is given back stands before what came meanwhile", async () => {
  await using root = await temporary();
  const spool = new Spool(root.path, gateways);
  const key = await spool.add(pushOf("x", 1));
  await spool.add(pushOf("x", 2));
  const claim = await claimed(spool, key);
  await spool.add(pushOf("x", 3));
  await claim.giveBack();
  expect((await spool.waiting(key)).map(({ families }) => families[0]?.text)).toEqual(["n 2\n", "n 3\n"]);
  const again = await claimed(spool, key);
  expect(again.push.families.map(({ name }) => name).toSorted()).toEqual(["n", "n1", "n2", "n3"]);
  await again.settle();
  expect(await spool.keys()).toBeEmpty();
  expect(await spool.claim(key, minute)).toBe("none");
});

test("what a killed process had claimed is taken back when its time is over", async () => {
  await using root = await temporary();
  const spool = new Spool(root.path, gateways);
  const key = await spool.add(pushOf("x", 1));
  const claim = await claimed(spool, key);
  expect(await spool.claim(key, minute)).toBe("none");
  const past = new Date(Date.now() - 5_001);
  await utimes(join(spool.directory, "sending", key), past, past);
  expect((await claimed(spool, key)).push).toEqual(claim.push);
});

test("what waits from a time before the clock went back stands before what is new", async () => {
  await using root = await temporary();
  const spool = new Spool(root.path, gateways);
  const ahead = Date.now() + 3_600_000;
  const key = await spool.add(pushOf("x", 1, { atMs: ahead }));
  for (const value of [2, 3]) await spool.add(pushOf("x", value));
  await (await claimed(spool, key)).giveBack();
  await spool.add(pushOf("x", 4));
  expect((await claimed(spool, key)).push.families[0]).toEqual({ name: "n", text: "n 4\n" });
  // The claim, too, was made before that.
  await utimes(join(spool.directory, "sending", key), ahead / 1000, ahead / 1000);
  expect((await claimed(spool, key)).push.families).toHaveLength(5);
});

test("nothing is removed that was not claimed", async () => {
  await using root = await temporary();
  const spool = new Spool(root.path, gateways);
  const key = await spool.add(pushOf("x", 1));
  const claim = await claimed(spool, key);
  // As an addition does that finds the directory just before it is claimed.
  const late = join(spool.directory, "sending", key, "000000000000002-late.json");
  await writeFile(late, JSON.stringify(pushOf("x", 2)));
  await claim.settle();
  expect((await spool.waiting(key)).map(({ families }) => families[0]?.text)).toEqual(["n 2\n"]);
});

test("what killed processes leave is removed after a while", async () => {
  await using root = await temporary();
  const spool = new Spool(root.path, gateways);
  await spool.add(pushOf("x", 1));
  const files = join(spool.directory, "new");
  for (const name of ["young", "old"]) await writeFile(join(files, name), "{");
  const past = new Date(Date.now() - 3_601_000);
  await utimes(join(files, "old"), past, past);
  await spool.add(pushOf("x", 2));
  expect(await readdir(files)).toEqual(["young"]);
});

test("other gateways have a spool of their own", async () => {
  await using root = await temporary();
  await new Spool(root.path, gateways).add(pushOf("x", 1));
  expect(await new Spool(root.path, ["http://c:9091"]).keys()).toBeEmpty();
});

test("of too many groups the oldest are dropped, and what is too old is not sent", async () => {
  await using root = await temporary();
  const spool = new Spool(root.path, gateways, { maxGroups: 3, maxAgeMs: 60_000 });
  for (let i = 0; i < 5; i++) await spool.add(pushOf(`job-${i}`, i));
  const jobs = (await Promise.all((await spool.keys()).map((key) => spool.waiting(key)))).flat();
  expect(jobs.map(({ labels }) => labels["job"])).toIncludeSameMembers(["job-2", "job-3", "job-4"]);
  const old = await spool.add(pushOf("old", 1, { atMs: Date.now() - 61_000 }));
  expect(await spool.claim(old, minute)).toBe("none");
  expect(await spool.keys()).not.toInclude(old);
});

test("what is torn is dropped", async () => {
  await using root = await temporary();
  const spool = new Spool(root.path, gateways);
  const key = await spool.add(pushOf("x", 1));
  await writeFile(join(spool.directory, "pending", key, "000000000000001-torn.json"), '{"labels":');
  const claim = await claimed(spool, key);
  expect(claim.push.families).toHaveLength(2);
  await claim.settle();
  expect(await readdir(join(spool.directory, "pending"))).toBeEmpty();
});

test("many that add and deliver at once lose nothing and keep the order", async () => {
  await using root = await temporary();
  const delivered: number[] = [];
  const started = Date.now();
  const all = Array.from({ length: 60 }, (_, i) => i);
  const worker = async (numbers: readonly number[]) => {
    const spool = new Spool(root.path, gateways);
    for (const i of numbers) {
      const key = await spool.add(pushOf("x", i, { atMs: started + i }));
      const claim = await spool.claim(key, minute);
      if (claim === "none" || claim === "busy") continue;
      if (i % 4 === 0) await claim.giveBack();
      else {
        delivered.push(
          ...claim.push.families.flatMap(({ name }) => (name === "n" ? [] : [Number(name.slice(1))])),
        );
        await claim.settle();
      }
    }
  };
  await Promise.all([0, 1, 2, 3].map((part) => worker(all.filter((i) => i % 4 === part))));
  const spool = new Spool(root.path, gateways);
  for (const key of await spool.keys()) {
    const rest = await claimed(spool, key);
    delivered.push(
      ...rest.push.families.flatMap(({ name }) => (name === "n" ? [] : [Number(name.slice(1))])),
    );
  }
  expect(delivered.toSorted((a, b) => a - b)).toEqual(all);
});
