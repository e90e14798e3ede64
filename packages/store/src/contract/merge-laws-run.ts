/** One history as three stores live it, each step beside the model; the first difference ends it. */
import type { Group, GroupId } from "@pushfleet/groups";
import type { ArrivingFamily, ShippedFamily, VersionedGroup } from "../replication/replication.ts";
import { at } from "./context.ts";
import { Deeds } from "./merge-laws-deeds.ts";
import { Deliveries } from "./merge-laws-deliveries.ts";
import { History, type SharedTime, ViolatedLaw } from "./merge-laws-history.ts";
import type { Plan, Step } from "./merge-laws-plan.ts";
import type { World } from "./merge-laws-world.ts";
import { delivered, nothing, type PlainState } from "./region-model.ts";

export class HistoryRun {
  readonly groups: readonly Group[];
  /** When the deadlines lie of what is only to live for a moment. */
  readonly deadlines: number[];
  readonly #history: History;
  readonly #deeds: Deeds;
  readonly #deliveries: Deliveries;

  /** Several can share a world without clocks: then they go by the time given. */
  constructor(plan: Plan, world: World, time?: SharedTime) {
    this.#history = new History(plan, world, time);
    this.groups = this.#history.groups;
    this.#deeds = new Deeds(this.#history);
    this.deadlines = this.#deeds.deadlines;
    this.#deliveries = new Deliveries(this.#history);
  }

  async step(step: Step): Promise<void> {
    const side = at(this.#history.sides, step.region);
    this.#history.world.clocks?.pass(step.passesMicros);
    try {
      switch (step.kind) {
        case "push":
          return await this.#deeds.push(side, at(this.#history.groups, step.group), step);
        case "failure":
          return await this.#deeds.fail(side, at(this.#history.groups, step.group), step.ttl);
        case "delete":
          return await this.#deeds.delete(side, at(this.#history.groups, step.group), step.condition);
        case "expire":
          this.#history.log(`${this.#history.name(side)} removes what has expired`);
          return void (await side.stores.store.expire(1_000));
        case "tell":
          return await this.#deliveries.tell(side, step);
        case "receive":
          for (const message of step.messages) await this.#deliveries.receive(side, message);
      }
    } catch (error) {
      throw error instanceof ViolatedLaw ? error : this.#history.violation(`${step.kind} failed`, error);
    }
  }

  pass(milliseconds: number): void {
    this.#history.world.clocks?.pass(1000 * milliseconds);
    this.#history.log(`${milliseconds} ms pass`);
  }

  /** One region has told all others what it knows of the group. */
  exchanged(from: number, id: GroupId): void {
    const teller = at(this.#history.sides, from);
    const nowMs = this.#history.nowMs(teller);
    const told = teller.known.get(id) ?? nothing;
    for (const { known } of this.#history.sides)
      known.set(id, delivered(told, known.get(id) ?? nothing, nowMs));
  }

  /** When everything has come to everybody. */
  expectedAtEnd(): ReadonlyMap<GroupId, PlainState> {
    this.#history.log("everybody is told everything");
    return new Map(
      this.#history.groups.map(({ id }) => {
        const [first, ...others] = this.#history.sides.map((side) => this.#history.toldIn(side, id));
        if (first === undefined) throw new RangeError("no regions");
        for (const other of others) this.#history.expectSame("what should be known in the end", other, first);
        return [id, first];
      }),
    );
  }

  /** Fails when they are not the same. */
  expectSame(what: string, actual: unknown, expected: unknown): void {
    this.#history.expectSame(what, actual, expected);
  }

  arriving(state: VersionedGroup<ShippedFamily>): VersionedGroup<ArrivingFamily> {
    return this.#history.arriving(state);
  }
}
