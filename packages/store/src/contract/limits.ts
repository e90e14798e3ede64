import type { Group } from "@pushfleet/groups";
import { describe, expect, test } from "vitest";
import type { PushOptions, StoreLimits } from "../store.ts";
import { type ContractContext, expectConflict } from "./context.ts";
import { counter, gauge, group, histogram } from "./families.ts";

const generous: StoreLimits = {
  "group.max-series": 1_000,
  "job.max-groups": 1_000,
  "store.max-groups": 1_000,
};

/** How much may be stored. */
export function describeLimits(context: ContractContext): void {
  const a = group({ job: "a" });
  const push = (target: Group, limits: Partial<StoreLimits>, options: Partial<PushOptions> = {}) =>
    context.store.push(target, [gauge(target, "m", 1)], {
      mode: "replace",
      ...options,
      limits: { ...generous, ...limits },
    });
  const exceeds = (limit: keyof StoreLimits) => ({ name: "LimitExceeded", limit });
  const nth = (i: number, job = "a") => group({ job, instance: `${i}` });
  const numbered = (job: string, count: number) => Array.from({ length: count }, (_, i) => nth(i, job));

  describe("limits of groups", () => {
    test("a job has no more groups than it may, and those it has are pushed as ever", async () => {
      const most = { "job.max-groups": 3 };
      const groups = numbered("a", 3);
      for (const each of groups) await push(each, most);
      const refused = push(nth(3), most);
      await expect(refused).rejects.toMatchObject(exceeds("job.max-groups"));
      await expect(refused).rejects.toThrow('the job "a" has 3 groups already');
      for (const each of groups) await push(each, most, { mode: "merge" });
      await push(group({ job: "b" }), most);
      expect((await context.stored()).size).toBe(4);
      await context.store.delete(nth(0).id);
      await push(nth(3), most);
    });

    test("there are no more groups in all than there may be", async () => {
      const most = { "store.max-groups": 2 };
      await push(group({ job: "a" }), most);
      await push(group({ job: "b" }), most);
      await expect(push(group({ job: "c" }), most)).rejects.toMatchObject(exceeds("store.max-groups"));
      await push(group({ job: "b" }), most);
      await context.store.wipe();
      await push(group({ job: "c" }), most);
    });

    test("a limit below what is there already keeps nobody from pushing to it", async () => {
      const groups = numbered("a", 3);
      for (const each of groups) await push(each, {});
      const few = { "job.max-groups": 1, "store.max-groups": 1 };
      for (const each of groups) await push(each, few);
      await context.store.delete(nth(0).id);
      await expect(push(nth(0), few)).rejects.toMatchObject(exceeds("job.max-groups"));
    });

    test("what has expired does not count, reaped or not", async () => {
      const most = { "job.max-groups": 2, "store.max-groups": 2 };
      const [first, second, third] = [nth(0), nth(1), nth(2)];
      await push(first, most, { ttlMs: 20 });
      await push(second, most);
      await context.subject.passTime(20);
      await push(third, most);
      expect([...(await context.stored()).keys()]).toIncludeSameMembers([second.id, third.id]);
      await push(third, most, { ttlMs: 20 });
      await context.subject.passTime(20);
      await push(third, most);
      await expect(push(first, most)).rejects.toMatchObject(exceeds("job.max-groups"));
    });

    test("a failure creates no group that may not be, and is recorded where one is", async () => {
      const limits = { ...generous, "job.max-groups": 1 };
      const [first, second] = [nth(0), nth(1)];
      await context.store.recordFailure(first, { limits });
      await context.store.recordFailure(second, { limits });
      expect([...(await context.stored()).keys()]).toEqual([first.id]);
      await context.store.recordFailure(first, { limits });
      await push(first, limits, { ttlMs: 20 });
      await context.subject.passTime(20);
      await context.store.recordFailure(second, { limits });
      expect([...(await context.stored()).keys()]).toEqual([second.id]);
    });

    test("a failure that is for existing groups only creates none", async () => {
      await context.store.recordFailure(a, { ifMissing: "nothing" });
      expect((await context.stored()).size).toBe(0);
      await push(a, {});
      await context.store.recordFailure(a, { ifMissing: "nothing" });
      expect((await context.storedGroup(a)).failedAtMicros).toBeGreaterThan(0);
      await push(a, {}, { ttlMs: 20 });
      await context.subject.passTime(20);
      await context.store.recordFailure(a, { ifMissing: "nothing" });
      expect(await context.store.delete(a.id)).toBeFalse();
    });

    test("pushers that create groups at the same time stay within the limits", async () => {
      const second = await context.subject.another();
      const jobs = ["a", "b", "c"];
      const limits = { ...generous, "job.max-groups": 7, "store.max-groups": 18 };
      const attempts = jobs.flatMap((job) => numbered(job, 20));
      const outcomes = await Promise.allSettled(
        attempts.map((each, i) =>
          (i % 2 === 0 ? context.store : second).push(each, [gauge(each, "m", 1)], {
            mode: i % 3 === 0 ? "merge" : "replace",
            limits,
          }),
        ),
      );
      const stored = await context.stored();
      expect(stored.size).toBe(18);
      for (const job of jobs) {
        const ofJob = [...stored.values()].filter(({ labels }) => labels.some(([, value]) => value === job));
        expect(ofJob.length).toBeWithin(0, 8);
      }
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(18);
      for (const outcome of outcomes) {
        if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ name: "LimitExceeded" });
      }
    });

    test("a refused push changes nothing", async () => {
      await push(group({ job: "b" }), {});
      const before = await context.stored();
      for (const limits of [{ "job.max-groups": 0 }, { "store.max-groups": 1 }, { "group.max-series": 0 }])
        await expect(push(a, limits)).rejects.toMatchObject({ name: "LimitExceeded" });
      expect(await context.stored()).toEqual(before);
      await context.store.push(a, [counter(a, "other", 1)], { mode: "replace" });
      await expectConflict(context.store, a, [counter(a, "m", 1)], "type-conflict");
    });
  });

  describe("limits of series in a group", () => {
    const most = { "group.max-series": 5 };
    const limits = { ...generous, ...most };
    const series = (name: string, count: number) =>
      gauge(
        a,
        name,
        1,
        Array.from({ length: count }, (_, n) => ({ n: `${n}` })),
      );
    const merge = (...families: Parameters<typeof context.store.push>[1]) =>
      context.store.push(a, families, { mode: "merge", limits });
    const replace = (...families: Parameters<typeof context.store.push>[1]) =>
      context.store.push(a, families, { mode: "replace", limits });
    const refused = exceeds("group.max-series");

    test("hold for what is pushed alone", async () => {
      await replace(series("m", 5));
      await expect(replace(series("m", 6))).rejects.toMatchObject(refused);
      await expect(merge(series("m", 3), series("n", 3))).rejects.toThrow(
        'the group {job="a"} would have more than 5 series',
      );
    });

    test("hold for what a merge leaves, too", async () => {
      await replace(series("m", 3));
      await merge(series("n", 2));
      await expect(merge(series("o", 1))).rejects.toMatchObject(refused);
      await expect(merge(series("n", 3))).rejects.toMatchObject(refused);
      await merge(series("n", 2));
      await merge(series("m", 1), series("n", 2));
      await merge(series("o", 2));
      expect((await context.storedGroup(a)).families).toHaveLength(3);
      await expect(merge(series("p", 1))).rejects.toMatchObject(refused);
      await replace(series("p", 5));
      await expect(merge(series("q", 1))).rejects.toMatchObject(refused);
    });

    test("hold for the same families pushed again beside what earlier pushes left", async () => {
      await merge(series("m", 2));
      await merge(series("n", 1));
      for (const count of [2, 3]) await merge(series("n", count));
      await expect(merge(series("n", 4))).rejects.toMatchObject(refused);
      await merge(series("n", 3));
      await merge(series("m", 2));
      await expect(merge(series("m", 3))).rejects.toMatchObject(refused);
      await merge(series("m", 1));
      await merge(series("n", 4));
      await expect(merge(series("m", 2))).rejects.toMatchObject(refused);
    });

    test("do not count what was in the group before it expired", async () => {
      await merge(series("m", 3));
      await context.store.push(a, [series("n", 2)], { mode: "merge", limits, ttlMs: 20 });
      await context.subject.passTime(20);
      await merge(series("o", 4));
      await merge(series("p", 1));
      await expect(merge(series("p", 2))).rejects.toMatchObject(refused);
    });

    test("count each line of a histogram", async () => {
      await replace(histogram(a, "h", 1));
      await merge(series("m", 2));
      await expect(merge(series("m", 3))).rejects.toMatchObject(refused);
    });

    test("are those of the push, not of the pushes before", async () => {
      await context.store.push(a, [series("m", 9)], { mode: "replace", limits: generous });
      await expect(merge(series("n", 1))).rejects.toMatchObject(refused);
      await merge(series("m", 4));
      await merge(series("n", 1));
    });
  });
}
