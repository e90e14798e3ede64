import { describe, expect, test } from "vitest";
import { fuzz } from "./campaign.ts";
import { keptCases } from "./corpus.ts";
import { replaySurely } from "./replay.ts";
import { type Target, Violation } from "./target.ts";
import { targets } from "./targets/index.ts";

describe.each(targets.map((target) => [target.name, target] as const))("%s", (name, target) => {
  test("takes its seeds one after the other", async () => {
    expect(await replaySurely(target, target.seeds())).toBeUndefined();
  });

  test("takes every case that was ever found", async () => {
    for (const { file, inputs } of keptCases(name))
      expect(await replaySurely(target, inputs), `corpus/${name}/${file}`).toBeUndefined();
  });
});

/** A product with a defect, and what the fuzz run says of it. */
const defects: Readonly<Record<string, { take: (text: string) => void; finding: object }>> = {
  "a crash": {
    take(text) {
      if (text.includes("{}")) throw new TypeError("x is undefined");
    },
    finding: {
      kind: "crash",
      message: expect.stringContaining("x is undefined"),
      inputs: [Buffer.from("{}")],
    },
  },
  "an input that takes too long": {
    take(text) {
      const start = process.threadCpuUsage();
      while (text.includes("}=") && process.threadCpuUsage(start).user < 110_000);
    },
    finding: { kind: "slow", inputs: [Buffer.from("}=")] },
  },
  "a wrong result": {
    take(text) {
      if (text.startsWith("b")) throw new Violation("it reads otherwise");
    },
    finding: { kind: "wrong", message: "it reads otherwise", inputs: [Buffer.from("b")] },
  },
  "a property of all objects": {
    take(text) {
      if (text.includes("__proto__")) Object.assign(Object.prototype, { polluted: true });
    },
    finding: { kind: "polluted", inputs: [Buffer.from("__proto__")] },
  },
};

// What takes long takes longer on a busy machine.
test.each(Object.entries(defects))("%s is found and made small", { timeout: 120_000 }, async (_, defect) => {
  const { take, finding } = defect;
  const planted = plantedTarget(() => take);
  const { findings } = await fuzz(planted, { inputs: 300, seed: 1 });
  expect(findings).toMatchObject([finding]);
});

test("a defect that needs an earlier input is found with that input", async () => {
  const planted = plantedTarget(() => {
    let armed = false;
    return (text) => {
      if (armed && text.includes("{")) throw new TypeError("only the second time");
      armed ||= text.includes("=");
    };
  });
  const { findings } = await fuzz(planted, { inputs: 5_000, seed: 1 });
  expect(findings).toMatchObject([{ kind: "crash", inputs: [Buffer.from("="), Buffer.from("{")] }]);
});

test("the same seed gives the same inputs", async () => {
  const given = async (seed: number) => {
    const inputs: string[] = [];
    const target = plantedTarget(() => (text) => void inputs.push(text));
    await fuzz(target, { inputs: 200, seed });
    return inputs;
  };
  expect(await given(1)).toEqual(await given(1));
  expect(await given(1)).not.toEqual(await given(2));
});

function plantedTarget(open: () => (text: string) => void): Target {
  return {
    name: "planted",
    refusals: [SyntaxError],
    words: ["=", "{", "}", "__proto__", "1", "b"],
    sessionLength: 100,
    seeds: () => [Buffer.from("a=1"), Buffer.from("{a}")],
    open() {
      const take = open();
      return {
        take(input) {
          take(input.toString("latin1"));
          return () => {};
        },
      };
    },
  };
}
