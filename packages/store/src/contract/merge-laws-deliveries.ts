/** How what regions know reaches other regions, sooner or later. */
import type { GroupId } from "@pushfleet/groups";
import type { ShippedFamily, VersionedGroup } from "../replication/replication.ts";
import { at } from "./context.ts";
import type { History, Side } from "./merge-laws-history.ts";
import { type Deed, type ReceivedMessage, regionNames } from "./merge-laws-plan.ts";
import {
  delivered,
  highestMicros,
  type Knowledge,
  knownAt,
  nothing,
  type PlainState,
  toldAt,
} from "./region-model.ts";
import { readChanges } from "./replication-reading.ts";

interface Message {
  readonly from: number;
  readonly states: readonly VersionedGroup<ShippedFamily>[];
  readonly known: ReadonlyMap<GroupId, Knowledge>;
  /** What is told of groups that have ended in the telling region, with their ends. */
  readonly ends: ReadonlyMap<GroupId, number>;
}

const maxAheadMicros = 60_000_000;

export class Deliveries {
  readonly #history: History;
  #messages: Message[] = [];

  constructor(history: History) {
    this.#history = history;
  }

  async tell(side: Side, { groups, how }: Deed & { kind: "tell" }): Promise<void> {
    const ids = groups.map((index) => at(this.#history.groups, index).id);
    const states =
      how === "groups" || this.#history.time !== undefined
        ? await side.stores.replication.groups(ids)
        : await this.#ownChanges(side);
    this.#history.log(
      `${this.#history.name(side)} tells of ${states.map((state) => this.#history.keyOf(state.id)).join(" ") || "nothing"}, message ${this.#messages.length}`,
    );
    for (const state of states) this.#history.expectTold(side, state.id, state);
    if (how === "groups" || this.#history.time !== undefined) {
      const expected = ids.filter((id) => this.#history.toldIn(side, id).status !== "unknown");
      this.#history.expectSame("the groups told of", states.map(({ id }) => id).sort(), expected.sort());
    }
    const nowMs = this.#history.nowMs(side);
    const known = states.map(({ id }) => [id, knownAt(side.known.get(id) ?? nothing, nowMs)] as const);
    const ends = states.flatMap(({ id }) => {
      const { status, life } = this.#history.toldIn(side, id);
      return status === "expired" ? [[id, life?.expiresAtMs ?? 0] as const] : [];
    });
    this.#messages.push({ from: side.index, states, known: new Map(known), ends: new Map(ends) });
  }

  /** What happened here since this was last asked. */
  async #ownChanges(side: Side): Promise<readonly VersionedGroup<ShippedFamily>[]> {
    const { cursor, ownAfter } = side.told;
    const { states, last } = await readChanges(side.stores.replication, cursor, { ownAfter, limit: 2 });
    side.told = { cursor: last.cursor, ownAfter: last.clockMicros };
    for (const id of states.keys()) {
      if (!side.untold.has(id))
        throw this.#history.violation(`nothing new happened here to ${this.#history.keyOf(id)}`);
    }
    for (const id of side.untold) {
      const own = versionsIn(this.#history.toldIn(side, id)).filter((version) =>
        version.endsWith(`@${regionNames[side.index]}`),
      );
      if (!states.has(id) && own.some((version) => Number.parseInt(version, 10) > ownAfter)) {
        throw this.#history.violation(`the changes do not tell of ${this.#history.keyOf(id)}`);
      }
    }
    side.untold.clear();
    return [...states.values()];
  }

  async receive(side: Side, { place, garbled, again }: ReceivedMessage): Promise<void> {
    const foreign = this.#messages.filter(({ from }) => from !== side.index);
    const message = foreign.at(place % Math.max(1, foreign.length));
    if (message === undefined) return;
    const number = this.#messages.indexOf(message);
    if (!again) this.#messages = this.#messages.with(number, { ...message, states: [] });
    const states = garbled
      ? message.states.filter((_, index) => index % 2 === 0).toReversed()
      : message.states;
    const expected = states.map(({ id }) => this.#joined(side, id, message));
    const outcomes = await side.stores.replication.merge(
      states.map((state) => this.#history.arriving(state)),
    );
    this.#history.log(
      `${this.#history.name(side)} receives message ${number} (${states.map(({ id }) => this.#history.keyOf(id)).join(" ")}): ${outcomes
        .map((outcome) => (outcome.kind === "merged" ? (outcome.changed ? "new" : "known") : outcome.kind))
        .join(" ")}`,
    );
    this.#history.expectSame("the number of outcomes", outcomes.length, states.length);
    for (const [index, outcome] of outcomes.entries()) {
      const { ahead, changed, known, highest } = at(expected, index);
      const refused = ahead > maxAheadMicros;
      // Stores may count in whole milliseconds.
      const either = refused && ahead <= maxAheadMicros + 1000;
      if (!either) this.#history.expectSame("what became of it", outcome.kind, refused ? "ahead" : "merged");
      if (outcome.kind === "ahead") continue;
      this.#history.expectSame("whether it told anything new", outcome.changed, changed);
      side.known.set(at(states, index).id, known);
      side.highest = Math.max(side.highest, highest);
    }
    await this.#history.expectKnown(
      side,
      states.map(({ id }) => id),
    );
  }

  /** What a region knows if it takes this in, and whether it may. */
  #joined(side: Side, id: GroupId, message: Message) {
    const arriving = message.known.get(id) ?? nothing;
    const nowMs = this.#history.nowMs(side);
    const nowMicros = this.#history.world.clocks?.nowMicros(side.index) ?? 1000 * nowMs;
    // As it was when it was told: whatever has ended since does not make it older.
    const highest = highestMicros(toldAt(arriving, Number.NEGATIVE_INFINITY));
    const stored = side.known.get(id) ?? nothing;
    const isToCome = (message.ends.get(id) ?? nowMs) > nowMs;
    const known = isToCome ? stored : delivered(arriving, stored, nowMs);
    const changed = JSON.stringify(toldAt(known, nowMs)) !== JSON.stringify(toldAt(stored, nowMs));
    return { ahead: highest - nowMicros, highest, known, changed };
  }
}

function versionsIn({ floor, deleted, life, pushed, failed, families }: PlainState): readonly string[] {
  const events = [life, pushed, failed, ...families].flatMap((event) =>
    event === null ? [] : [event.version],
  );
  return [floor, deleted].filter((version) => version !== null).concat(events);
}
