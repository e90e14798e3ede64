/**
 * The store as one would write it with no thought of cost: every push is applied to a copy and everything in that copy
 * is compared with everything else. Random operations are tried on both.
 */
import type { AdmittedFamily, Group, GroupId } from "@pushfleet/groups";
import { type GroupStore, InconsistentPush, type PushMode } from "../store.ts";
import { counter, gauge, group, histogram, type SeriesLabels, summary } from "./families.ts";

/** A code of InconsistentPush, or what a mutation came to. */
export type Outcome = "ok" | "absent" | InconsistentPush["code"];

export type Operation =
  | {
      readonly kind: "push";
      readonly group: Group;
      readonly mode: PushMode;
      readonly families: AdmittedFamily[];
    }
  | { readonly kind: "delete"; readonly group: Group }
  | { readonly kind: "failure"; readonly group: Group }
  | { readonly kind: "wipe" };

type Groups = Map<GroupId, Map<string, AdmittedFamily>>;

export class StoreModel {
  #groups: Groups = new Map();

  /** All outcomes that keep the contract; the operation is applied when it may succeed. */
  apply(operation: Operation): readonly Outcome[] {
    switch (operation.kind) {
      case "push": {
        const after = pushed(this.#groups, operation);
        const violations = violationsOf(after);
        if (violations.length > 0) return violations;
        this.#groups = after;
        return ["ok"];
      }
      case "delete":
        return this.#groups.delete(operation.group.id) ? ["ok"] : ["absent"];
      case "failure":
        if (!this.#groups.has(operation.group.id)) this.#groups.set(operation.group.id, new Map());
        return ["ok"];
      case "wipe":
        this.#groups.clear();
        return ["ok"];
    }
  }

  /** The sorted texts of each group's families. */
  texts(): Map<GroupId, string[]> {
    const texts = ([id, families]: [GroupId, Map<string, AdmittedFamily>]) =>
      [id, [...families.values()].map(({ text }) => text).sort()] as const;
    return new Map([...this.#groups].map(texts));
  }
}

export async function run(operation: Operation, store: GroupStore): Promise<Outcome> {
  try {
    switch (operation.kind) {
      case "push":
        await store.push(operation.group, operation.families, { mode: operation.mode });
        return "ok";
      case "delete":
        return (await store.delete(operation.group.id)) ? "ok" : "absent";
      case "failure":
        await store.recordFailure(operation.group);
        return "ok";
      case "wipe":
        await store.wipe();
        return "ok";
    }
  } catch (error) {
    if (error instanceof InconsistentPush) return error.code;
    throw error;
  }
}

function pushed(groups: Groups, push: Operation & { kind: "push" }): Groups {
  const kept = push.mode === "replace" ? [] : (groups.get(push.group.id) ?? []);
  const families = push.families.map((family) => [family.name, family] as const);
  return new Map([...groups, [push.group.id, new Map([...kept, ...families])]]);
}

function violationsOf(groups: Groups): Outcome[] {
  const found = new Set<Outcome>();
  const types = new Map<string, string>();
  const series = new Set<string>();
  for (const families of groups.values()) {
    for (const { name, type, metrics } of families.values()) {
      if ((types.get(name) ?? type) !== type) found.add("type-conflict");
      types.set(name, type);
      for (const { identity } of metrics) {
        const one = `${name} ${identity}`;
        if (series.has(one)) found.add("duplicate-series");
        series.add(one);
      }
    }
  }
  for (const [name, type] of types) {
    const suffixes =
      type === "histogram" ? ["_count", "_sum", "_bucket"] : type === "summary" ? ["_count", "_sum"] : [];
    if (suffixes.some((suffix) => types.has(name + suffix))) found.add("suffix-collision");
  }
  return [...found];
}

/** Uniform in [0, 1), the same sequence for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** From a world so small that groups, names and series meet often. */
export function randomOperation(random: () => number): Operation {
  const pick = <T>(choices: readonly [T, ...T[]]): T =>
    choices[Math.floor(random() * choices.length)] ?? choices[0];
  const labels = (names: readonly string[]): SeriesLabels =>
    Object.fromEntries(names.filter(() => random() < 0.4).map((name) => [name, pick(["x", "y"])]));

  const target = group({ job: pick(["a", "b"]), ...labels(["instance", "zone"]) });
  const kind = random();
  if (kind < 0.01) return { kind: "wipe" };
  if (kind < 0.2) return { kind: "delete", group: target };
  if (kind < 0.25) return { kind: "failure", group: target };

  const series = (): SeriesLabels[] => {
    const wanted = Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({
      ...labels(["instance", "zone", "n"]),
      ...Object.fromEntries(target.labels),
    }));
    return [...new Map(wanted.map((each) => [JSON.stringify(Object.entries(each).sort()), each])).values()];
  };
  const value = Math.floor(random() * 1e6);
  // The grouping labels are among those of the series already.
  const nothingToAdd = { ...target, labels: [] };
  const build = (name: string): AdmittedFamily => {
    const kindOfFamily = random();
    if (name === "s") return kindOfFamily < 0.8 ? summary(target, name, value) : gauge(target, name, value);
    if (name === "h") return kindOfFamily < 0.8 ? histogram(target, name, value) : gauge(target, name, value);
    const plain = kindOfFamily < 0.97 ? gauge : counter;
    return plain(nothingToAdd, name, value, series());
  };
  // One push never collides with itself: admission sees to that.
  const odd = random() < 0.08 ? pick(["h_count", "h_bucket", "s_sum", "s_bucket"]) : undefined;
  const names = ["m", "m2", "n", "h", "s"].filter((name) => random() < 0.4 && !odd?.startsWith(`${name}_`));
  if (odd !== undefined) names.push(odd);
  return { kind: "push", group: target, mode: pick(["merge", "replace"]), families: names.map(build) };
}
