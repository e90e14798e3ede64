import type { Group } from "@pushfleet/groups";
import { expect, test } from "vitest";
import { at, type ContractContext, expectConflict, texts } from "./context.ts";
import { counter, gauge, group } from "./families.ts";
import { type Outcome, randomOperation, run, StoreModel, seededRandom } from "./model.ts";
import { Reader, type ReadGroup } from "./reader.ts";

/** Several handles, many operations. */
export function describeConcurrency(context: ContractContext): void {
  const a = group({ job: "a" });
  const b = group({ job: "b" });

  test("what one handle acknowledged, another shows", async () => {
    const second = await context.subject.another();
    const reader = new Reader(second);
    for (let round = 0; round < 20; round++) {
      await context.store.push(a, [gauge(a, "m", round)], { mode: "replace" });
      await reader.sync();
      expect(texts(reader.groups.get(a.id))).toEqual([gauge(a, "m", round).text]);
    }
    await expectConflict(second, b, [counter(b, "m", 1)], "type-conflict");
    expect(await second.delete(a.id)).toBeTrue();
    expect(await context.store.delete(a.id)).toBeFalse();
  });

  test("deleting groups as they were selected loses no push that came after the selection", async () => {
    const second = await context.subject.another();
    const groups = Array.from({ length: 40 }, (_, i) => group({ job: `j${i}` }));
    const values = new Map<string, number>();
    const push = async (owner: Group, value: number) => {
      await second.push(owner, [gauge(owner, "m", value)], { mode: "replace" });
      values.set(owner.id, value);
    };
    let [deleted, refused] = [0, 0];
    for (let round = 0; round < 10; round++) {
      await Promise.all(groups.map((owner) => push(owner, round)));
      const reader = new Reader(context.store);
      await reader.sync();
      const selected = [...reader.groups.values()];
      // Every other group is pushed again, at any time before or after its turn to be deleted.
      const again = groups.filter((_, i) => i % 2 === round % 2);
      await Promise.all([
        ...again.map((owner) => push(owner, round + 0.5)),
        ...selected.map(async ({ id, pushedAtMicros }) => {
          if (await context.store.delete(id, { ifPushedAtMicros: pushedAtMicros })) deleted++;
          else refused++;
        }),
      ]);
      await reader.sync();
      const left = again.map((owner) => texts(reader.groups.get(owner.id)));
      expect(left).toEqual(again.map((owner) => [gauge(owner, "m", round + 0.5).text]));
      expect(reader.groups.size).toBe(again.length);
    }
    expect(deleted).toBeGreaterThanOrEqual(200);
    expect(refused).toBeGreaterThan(0);
  });

  test("a group that was only ever refused is deleted as it was selected", async () => {
    await context.store.recordFailure(a);
    expect(await context.store.delete(a.id, { ifPushedAtMicros: 1 })).toBeFalse();
    expect(await context.store.delete(a.id, { ifPushedAtMicros: 0 })).toBeTrue();
  });

  test("is ready", async () => {
    await expect(context.store.ready()).resolves.toBeUndefined();
  });

  test("2,000 random operations do what a model does that checks everything every time", async () => {
    const random = seededRandom(20_250_101);
    const model = new StoreModel();
    const reader = new Reader(context.store, 3);
    const outcomes = new Map<Outcome, number>();
    for (let step = 0; step < 2_000; step++) {
      const operation = randomOperation(random);
      const possible = model.apply(operation);
      const outcome = await run(operation, context.store);
      if (!possible.includes(outcome)) {
        throw new Error(
          `step ${step}: ${JSON.stringify(operation)} gave ${outcome}, expected ${possible.join(" or ")}`,
        );
      }
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (random() < 0.1 || step === 1_999) {
        await reader.sync();
        const folded = [...reader.groups.values()].map((state) => [state.id, texts(state)] as const);
        expect(new Map(folded)).toEqual(model.texts());
      }
    }
    // Otherwise the numbers above prove little.
    for (const outcome of [
      "ok",
      "absent",
      "type-conflict",
      "suffix-collision",
      "duplicate-series",
    ] as const) {
      expect(outcomes.get(outcome) ?? 0, outcome).toBeGreaterThan(20);
    }
  });

  test("concurrent pushers and readers: acknowledged is visible, groups are whole, deletions are seen", async () => {
    const rounds = 60;
    const logs = Array.from(
      { length: 4 },
      (_, index) => new PushLog(group({ job: "c", instance: `${index}` })),
    );
    const handles = [context.store, await context.subject.another()];
    const handle = (index: number) => at(handles, index % handles.length);
    let pushing = logs.length;

    const pusher = async (log: PushLog, index: number) => {
      for (let number = 1; number <= rounds; number++) {
        const removes = number % 7 === 0;
        log.issued.push(removes ? "delete" : "push");
        if (removes) await handle(index).delete(log.group.id);
        else {
          const families = [gauge(log.group, "m", number), gauge(log.group, "n", number)];
          await handle(index).push(log.group, families, { mode: number % 2 === 0 ? "merge" : "replace" });
        }
        log.acknowledged = number;
      }
      pushing--;
    };
    const readUntilDone = async (index: number) => {
      const reader = new Reader(handle(index), index + 1);
      let last = false;
      while (!last) {
        last = pushing === 0;
        const seen = logs.map((log) => log.acknowledged);
        await reader.sync();
        for (const [which, log] of logs.entries()) {
          log.expectPlausible(reader.groups.get(log.group.id), at(seen, which));
        }
      }
      return reader.groups;
    };

    const [first, ...others] = (
      await Promise.all([Promise.all([0, 1, 2].map(readUntilDone)), Promise.all(logs.map(pusher))])
    )[0];
    expect(first?.size).toBe(logs.length);
    for (const other of others) expect(other).toEqual(first);
  });
}

/** What one pusher did to its group: operation n, counted from 1, pushed the value n or deleted the group. */
class PushLog {
  readonly group: Group;
  readonly issued: ("push" | "delete")[] = [];
  acknowledged = 0;

  constructor(own: Group) {
    this.group = own;
  }

  /** Fails unless the group is in the state after some operation not older than `atLeast`, and whole. */
  expectPlausible(state: ReadGroup | undefined, atLeast: number): void {
    // Operation atLeast itself and those after it.
    const candidates = this.issued.slice(Math.max(atLeast - 1, 0));
    if (state === undefined) {
      const gone = atLeast === 0 || candidates.includes("delete");
      expect(gone, `${this.group.key} vanished after operation ${atLeast}`).toBeTrue();
      return;
    }
    const values = texts(state).map((text) => Number(text.slice(text.lastIndexOf(" "))));
    expect(values).toHaveLength(2);
    expect(values[0]).toBe(values[1]);
    expect(values[0]).toBeWithin(atLeast, this.issued.length + 1);
    expect(this.issued[(values[0] ?? 0) - 1]).toBe("push");
  }
}
