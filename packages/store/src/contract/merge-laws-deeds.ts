/** What is done in a region: the store's answer and what it knows afterwards must be what the model says. */
import type { AdmittedFamily, Group, GroupId } from "@pushfleet/groups";
import type { ShippedFamily, VersionedGroup } from "../replication/replication.ts";
import { formatVersion, type Version } from "../replication/version.ts";
import { InconsistentPush } from "../store.ts";
import { counter, gauge } from "./families.ts";
import type { History, Side } from "./merge-laws-history.ts";
import { type PushDeed, regionNames, type Ttl } from "./merge-laws-plan.ts";
import { endedLife, type Fact, knownAt, nothing, withFacts } from "./region-model.ts";

export class Deeds {
  /** When the deadlines lie of what is only to live for a moment. */
  readonly deadlines: number[] = [];
  readonly #history: History;
  #value = 0;

  constructor(history: History) {
    this.#history = history;
  }

  async push(side: Side, target: Group, deed: PushDeed): Promise<void> {
    const families = deed.families.map(({ name, type }) => this.#family(target, name, type));
    const ttlMs = this.#ttlMs(deed.ttl);
    const times =
      deed.times === "true"
        ? undefined
        : deed.times === "told"
          ? { pushedAtMicros: 1_600_000_000_000_000 + ++this.#value, failedAtMicros: 1_500_000_000_000_000 }
          : { pushedAtMicros: 0, failedAtMicros: 0 };
    const what = `${deed.mode === "replace" ? "PUT" : "POST"} ${described(families)}, ttl ${ttlMs ?? "none"}, times ${deed.times}`;
    const mayNot = families.some((family) => this.#contradicts(side, target, family));
    const outcome = await side.stores.store
      .push(target, families, {
        mode: deed.mode,
        ...(ttlMs !== undefined && { ttlMs }),
        ...(times !== undefined && { times }),
      })
      .then(
        () => "accepted",
        (error: unknown) => {
          if (error instanceof InconsistentPush) return `refused (${error.code})`;
          throw error;
        },
      );
    this.#history.log(`${this.#history.name(side)} ${target.key}: ${what}: ${outcome}`);
    this.#history.expectSame(
      "the answer to the push",
      outcome,
      mayNot ? "refused (type-conflict)" : "accepted",
    );
    if (mayNot) return;
    await this.#happened(side, target, ({ pushed, life }) => {
      if (pushed === null || life === null)
        throw this.#history.violation("no push is known of a group that was pushed");
      const { version } = pushed;
      return {
        kind: "push",
        version,
        replaces: deed.mode === "replace",
        texts: new Map(families.map(({ name, text }) => [name, text])),
        expiresAtMs: this.#deadline(side, ttlMs, life.expiresAtMs),
        toldPushedAt: times?.pushedAtMicros ?? version.micros,
        toldFailedAt: times?.failedAtMicros ?? null,
      };
    });
  }

  async fail(side: Side, target: Group, ttl: Ttl): Promise<void> {
    const ttlMs = this.#ttlMs(ttl);
    this.#history.log(`${this.#history.name(side)} ${target.key}: failure, ttl ${ttlMs ?? "none"}`);
    const creates = this.#history.toldIn(side, target.id).status !== "alive";
    await side.stores.store.recordFailure(target, ttlMs === undefined ? {} : { ttlMs });
    await this.#happened(side, target, ({ failed, life }) => {
      if (failed === null) throw this.#history.violation("no failure is known of a group that failed");
      const expiresAtMs = creates ? this.#deadline(side, ttlMs, life?.expiresAtMs ?? null) : undefined;
      return { kind: "failure", version: failed.version, expiresAtMs };
    });
  }

  async delete(side: Side, target: Group, condition: "none" | "holds" | "fails"): Promise<void> {
    const { status, pushed } = this.#history.toldIn(side, target.id);
    const pushedAtMicros = (pushed?.atMicros ?? 0) + (condition === "fails" ? 1 : 0);
    const isThere = status === "alive";
    const deleted = await side.stores.store.delete(
      target.id,
      condition === "none" ? {} : { ifPushedAtMicros: pushedAtMicros },
    );
    this.#history.log(
      `${this.#history.name(side)} ${target.key}: DELETE (condition: ${condition}): ${deleted}`,
    );
    this.#history.expectSame("the answer to the DELETE", deleted, isThere && condition !== "fails");
    if (condition !== "none" && !deleted) return await this.#history.expectKnown(side, [target.id]);
    await this.#happened(side, target, ({ floor }) => {
      if (floor === null) throw this.#history.violation("nothing is known of a DELETE");
      return { kind: "deletion", version: floor };
    });
  }

  /** `factIn` finds in the new state of the group what its store made of what was done. */
  async #happened(
    side: Side,
    { id }: Group,
    factIn: (state: VersionedGroup<ShippedFamily>) => Exclude<Fact, { kind: "revival" }>,
  ): Promise<void> {
    const [state] = await side.stores.replication.groups([id]);
    if (state === undefined) throw this.#history.violation("the group is not known");
    const fact = factIn(state);
    this.#checkVersion(side, fact.version);
    const nowMs = this.#history.nowMs(side);
    const before = knownAt(side.known.get(id) ?? nothing, nowMs);
    const ended = fact.kind === "deletion" ? undefined : endedLife(before, nowMs);
    const revival = ended === undefined ? [] : [{ kind: "revival", ended } as const];
    side.known.set(id, withFacts(before, ...revival, fact));
    side.untold.add(id);
    this.#history.log(`    at ${formatVersion(fact.version)}`);
    this.#history.expectTold(side, id, state);
  }

  #checkVersion(side: Side, { micros, region }: Version): void {
    this.#history.expectSame("the region of the version", region, regionNames[side.index]);
    const nowMicros = this.#history.world.clocks?.nowMicros(side.index) ?? 1000 * this.#history.nowMs(side);
    const least = Math.max(nowMicros, side.highest + 1);
    // What was refused may have used some up.
    const most = this.#history.time === undefined ? least + 1000 : Number.POSITIVE_INFINITY;
    if (micros < least || micros > most) {
      throw this.#history.violation(`version ${micros} is not in its place, from ${least} on`);
    }
    side.highest = micros;
  }

  /** Whether other groups hold the name, and nobody has it with this type. */
  #contradicts(side: Side, target: Group, { name, type }: AdmittedFamily): boolean {
    const holders = this.#history.groups.filter(({ id }) => this.#typesIn(side, id, name).length > 0);
    const isKnown = holders.some(({ id }) => this.#typesIn(side, id, name).includes(type));
    return holders.some(({ id }) => id !== target.id) && !isKnown;
  }

  #typesIn(side: Side, id: GroupId, wanted: string): readonly string[] {
    const held = this.#history.toldIn(side, id).families.filter(({ name }) => name === wanted);
    return held.map(({ text }) => this.#history.families.of(text).type);
  }

  #family(target: Group, name: string, type: "gauge" | "counter"): AdmittedFamily {
    const make = type === "gauge" ? gauge : counter;
    return this.#history.families.remember(make(target, `${name}_${this.#history.seed}`, ++this.#value));
  }

  #ttlMs(ttl: Ttl): number | undefined {
    if (ttl === undefined) return undefined;
    if (this.#history.time === undefined) return ttl === "short" ? 40 : 100_000;
    return ttl === "short" ? this.#history.time.shortMs : 3_600_000;
  }

  /** Fails when the group does not end when it should. */
  #deadline(side: Side, ttlMs: number | undefined, expiresAtMs: number | null): number | null {
    if (ttlMs === undefined || expiresAtMs === null) {
      this.#history.expectSame("the end of the group", expiresAtMs, null);
      return null;
    }
    const least = this.#history.nowMs(side) + ttlMs;
    // A started millisecond may count as a whole one, and a phase in real time takes its time.
    const most = this.#history.time === undefined ? least + 1 : least + 60_000;
    if (expiresAtMs < least || expiresAtMs > most)
      throw this.#history.violation(`it ends at ${expiresAtMs}, not at ${least}`);
    if (ttlMs === this.#history.time?.shortMs) this.deadlines.push(expiresAtMs);
    return expiresAtMs;
  }
}

function described(families: readonly AdmittedFamily[]): string {
  return (
    families
      .map(({ name, type, text }) => `${type} ${name} ${text.slice(text.lastIndexOf(" ") + 1, -1)}`)
      .join(", ") || "nothing"
  );
}
