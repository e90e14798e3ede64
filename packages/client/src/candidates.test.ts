import { expect, test } from "vitest";
import { Candidates } from "./candidates.ts";
import { parseGateway } from "./gateways.ts";

const [a, b] = [parseGateway("a:1"), parseGateway("b:1")] as const;
const passing = { retryAfterMs: 0, isFinal: false };

function next(candidates: Candidates) {
  const candidate = candidates.next();
  if (candidate === undefined) throw new Error("nobody is left");
  return candidate;
}

test("each is asked once before any is asked again", () => {
  const candidates = new Candidates([a, b], () => 1);
  expect(next(candidates)).toMatchObject({ gateway: a, notBefore: 0 });
  candidates.failed(next(candidates), { ...passing, now: 1_000 });
  expect(next(candidates)).toMatchObject({ gateway: b, notBefore: 0 });
  candidates.failed(next(candidates), { ...passing, now: 1_010 });
  expect(next(candidates)).toMatchObject({ gateway: a, notBefore: 1_100 });
});

test("pauses double up to a longest one, and at random are up to half as long", () => {
  const pauses = (random: number) => {
    const candidates = new Candidates([a], () => random);
    return Array.from({ length: 9 }, () => {
      candidates.failed(next(candidates), { ...passing, now: 0 });
      return next(candidates).notBefore;
    });
  };
  expect(pauses(1)).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
  expect(pauses(0)).toEqual([50, 100, 200, 400, 800, 1_600, 2_500, 2_500, 2_500]);
});

test("a gateway that asks for a pause gets it, one that cannot help is not asked again", () => {
  const candidates = new Candidates([a, b], () => 1);
  candidates.failed(next(candidates), { now: 0, retryAfterMs: 3_000, isFinal: false });
  candidates.failed(next(candidates), { now: 0, retryAfterMs: 0, isFinal: true });
  expect(next(candidates)).toMatchObject({ gateway: a, notBefore: 3_000 });
  candidates.failed(next(candidates), { now: 3_000, retryAfterMs: 0, isFinal: true });
  expect(candidates.next()).toBeUndefined();
});
