import fc from "fast-check";
import { expect, test } from "vitest";
import { type Chunk, type ChunkPlan, type Edit, editChunks } from "./chunks.ts";

const plan: ChunkPlan<number, Chunk<number>> = {
  weigh: (value) => value,
  make: (keys, values, weight) => ({ keys, values, weight }),
  weights: { min: 10, target: 20, max: 40 },
};

function entries(chunks: readonly Chunk<number>[]): (readonly [string, number | undefined])[] {
  return chunks.flatMap((chunk) => chunk.keys.map((key, i) => [key, chunk.values[i]] as const));
}

function edits(...pairs: [string, number | undefined][]): Edit<number>[] {
  return pairs.map(([key, value]) => ({ key, value }));
}

test("a list holds exactly what a sorted map would after any edits, in chunks of the planned weight", () => {
  const edit = fc.tuple(
    fc.integer({ min: 0, max: 120 }),
    fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
  );
  fc.assert(
    fc.property(
      fc.array(fc.uniqueArray(edit, { selector: ([key]) => key, maxLength: 40 }), { maxLength: 12 }),
      (rounds) => {
        const model = new Map<string, number>();
        let chunks: readonly Chunk<number>[] = [];
        for (const round of rounds) {
          const sorted = round
            .map(([key, value]) => ({ key: String(key).padStart(3, "0"), value }))
            .sort((a, b) => (a.key < b.key ? -1 : 1));
          for (const { key, value } of sorted) {
            if (value === undefined) model.delete(key);
            else model.set(key, value);
          }
          chunks = editChunks(chunks, sorted, plan);
        }
        expect(entries(chunks)).toEqual([...model].sort());
        for (const chunk of chunks) {
          expect(chunk.weight).toBe(chunk.values.reduce((sum, value) => sum + value, 0));
          expect(chunk.weight).toBeLessThanOrEqual(plan.weights.max);
          if (chunks.length > 1) expect(chunk.weight).toBeGreaterThan(0);
        }
        const light = chunks.filter((chunk) => chunk.weight < plan.weights.min / 2);
        expect(light.length).toBeLessThanOrEqual(1);
      },
    ),
    { seed: 2, numRuns: 500 },
  );
});

test("chunks no edit falls into are the same objects as before", () => {
  const keys = Array.from({ length: 100 }, (_, i) => String(i).padStart(3, "0"));
  const before = editChunks([], edits(...keys.map((key): [string, number] => [key, 5])), plan);
  const after = editChunks(before, edits(["050", 6]), plan);
  expect(before.length).toBeGreaterThan(20);
  expect(after.filter((chunk) => !before.includes(chunk))).toHaveLength(1);
});

test("a value heavier than any chunk should be has a chunk of its own or ends one", () => {
  const chunks = editChunks([], edits(["a", 5], ["b", 500], ["c", 5]), plan);
  expect(entries(chunks)).toEqual([
    ["a", 5],
    ["b", 500],
    ["c", 5],
  ]);
  expect(chunks.length).toBeGreaterThan(1);
});

test("a list whose last value goes has no chunks", () => {
  expect(editChunks(editChunks([], edits(["a", 5]), plan), edits(["a", undefined]), plan)).toEqual([]);
});

test("of a long list only a few chunks are looked at", () => {
  let looks = 0;
  const watched: ChunkPlan<number, Chunk<number>> = {
    ...plan,
    make: (keys, values, weight) => ({
      get keys() {
        looks++;
        return keys;
      },
      values,
      weight,
    }),
  };
  const keys = Array.from({ length: 10_000 }, (_, i) => String(i).padStart(5, "0"));
  const chunks = editChunks([], edits(...keys.map((key): [string, number] => [key, 5])), watched);
  expect(chunks.length).toBeGreaterThan(1_000);
  looks = 0;
  const changed = editChunks(chunks, edits(["02000", 6], ["02001", 6], ["09000", undefined]), watched);
  expect(looks).toBeLessThan(100);
  expect(entries(changed)).toHaveLength(9_999);
});
