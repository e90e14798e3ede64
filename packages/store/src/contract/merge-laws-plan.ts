/** Histories of three regions as they are drawn from a seed: what is tried, before any store says what becomes of it. */
import { seededRandom } from "./model.ts";

/** Whose index stands for a region everywhere here. */
export const regionNames = ["east", "north", "west"] as const;
export const groupCount = 3;

/** A history. Time passes between its phases, and none of what is only to live for a moment lives on then. */
export interface Plan {
  readonly seed: number;
  /** How far the clock of each region is from the others', milliseconds. Where clocks are not ours to set, it is ignored. */
  readonly skewsMs: readonly number[];
  readonly phases: readonly Phase[];
}

interface Phase {
  readonly steps: readonly Step[];
  /** Until the next phase, where clocks are ours to set. */
  readonly passesMs: number;
}

export type Step = {
  readonly region: number /** Before it, where clocks are ours to set. */;
  readonly passesMicros: number;
} & Deed;

export type Deed =
  | PushDeed
  | { readonly kind: "failure"; readonly group: number; readonly ttl: Ttl }
  | { readonly kind: "delete"; readonly group: number; readonly condition: "none" | "holds" | "fails" }
  | { readonly kind: "expire" }
  /** The region tells what it knows of these groups; the message is on its way from then on. */
  | { readonly kind: "tell"; readonly groups: readonly number[]; readonly how: "groups" | "changes" }
  /** Messages of any region, by their place among those on their way, modulo how many there are; those of itself are skipped. */
  | { readonly kind: "receive"; readonly messages: readonly ReceivedMessage[] };

export interface PushDeed {
  readonly kind: "push";
  readonly group: number;
  readonly mode: "replace" | "merge";
  readonly families: readonly { readonly name: string; readonly type: "gauge" | "counter" }[];
  readonly ttl: Ttl;
  /** What it tells of the times of the group. */
  readonly times: "true" | "told" | "never";
}

export interface ReceivedMessage {
  readonly place: number;
  /** States are left out at random, and come in another order. */
  readonly garbled: boolean;
  readonly again: boolean;
}

/** undefined = for ever; "short" ends when the phase does, and where clocks are ours to set possibly sooner or later. */
export type Ttl = "short" | "long" | undefined;

export function planOf(seed: number): Plan {
  const random = seededRandom(seed);
  const pick = <T>(choices: readonly [T, ...T[]]): T =>
    choices[Math.floor(random() * choices.length)] ?? choices[0];
  const upTo = (most: number): number => 1 + Math.floor(random() * most);
  const chance = (probability: number): boolean => random() < probability;

  const sameClocks = chance(0.4);
  const mortal = chance(0.6);
  const ttl = (): Ttl => (mortal ? pick([undefined, "short", "short", "long"]) : undefined);
  const push = (): PushDeed => ({
    kind: "push",
    group: Math.floor(random() * groupCount),
    mode: pick(["replace", "merge", "merge"]),
    families: ["l", "m", "n"]
      .filter(() => chance(0.5))
      .map((name) => ({ name, type: chance(0.06) ? "counter" : "gauge" })),
    ttl: ttl(),
    times: chance(0.85) ? "true" : pick(["told", "never"]),
  });
  const deed = (): Deed => {
    const kind = random();
    if (kind < 0.36) return push();
    const group = Math.floor(random() * groupCount);
    if (kind < 0.43) return { kind: "failure", group, ttl: ttl() };
    if (kind < 0.52) return { kind: "delete", group, condition: pick(["none", "none", "holds", "fails"]) };
    if (kind < 0.55) return { kind: "expire" };
    if (kind < 0.78) {
      const groups = Array.from({ length: groupCount }, (_, index) => index).filter(() => chance(0.7));
      return { kind: "tell", groups, how: pick(["groups", "changes"]) };
    }
    const messages = Array.from({ length: upTo(3) }, () => ({
      // Mostly one of the last.
      place: chance(0.7) ? -upTo(3) : Math.floor(random() * 100),
      garbled: chance(0.3),
      again: chance(0.2),
    }));
    return { kind: "receive", messages };
  };
  const step = (): Step => ({
    region: Math.floor(random() * regionNames.length),
    passesMicros: pick([0, 0, 1, 700, 1_000, 3_000]),
    ...deed(),
  });
  return {
    seed,
    skewsMs: regionNames.map(() => (sameClocks ? 0 : pick([0, 0.003, 5, -5, 30_000, -30_000, -100_000]))),
    phases: Array.from({ length: upTo(4) }, () => ({
      steps: Array.from({ length: upTo(9) }, step),
      passesMs: pick([0, 1, 10, 40, 40, 90, 5_000, 70_000]),
    })),
  };
}
