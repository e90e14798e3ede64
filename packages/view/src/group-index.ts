import type { GroupId } from "@pushfleet/groups";
import { changesBetween, type GroupChunk } from "./group-changes.ts";
import {
  type Direction,
  editOrder,
  type GroupOrder,
  type GroupSort,
  type IndexedChange,
  isBeyond,
  walk,
} from "./group-order.ts";
import { type IndexedGroup, indexedGroup } from "./indexed-group.ts";
import { type JobSummary, summariseJobs } from "./job-summaries.ts";
import type { Snapshot } from "./snapshot.ts";
import { TimeSlices } from "./time-slices.ts";

export interface GroupQuery {
  readonly sort: GroupSort;
  readonly direction: Direction;
  /** Where the page before ended; absent = from the beginning. */
  readonly after?: string;
  readonly limit: number;
  /** Absent = all groups pass. */
  readonly accepts?: (group: IndexedGroup) => boolean;
}

export interface GroupPage {
  readonly groups: readonly IndexedGroup[];
  /** Groups that pass, on this page or not. */
  readonly matched: number;
  /** For the query of the next page; undefined when this is the last. */
  readonly next: string | undefined;
}

/** So many changes are worked in before others get their turn. */
const changesAtOnce = 1_000;

/**
 * What people look groups up by. It is brought up to a snapshot when somebody asks, at the cost of what has changed since
 * the last time anybody did; pushes and scrapes pay nothing for it. Long work lets others in between.
 */
export class GroupIndex {
  #seen: readonly GroupChunk[] = [];
  readonly #groups = new Map<GroupId, IndexedGroup>();
  readonly #orders = new Map<GroupSort, GroupOrder>();
  #jobs: readonly JobSummary[] | undefined;
  #updating: Promise<unknown> = Promise.resolve();

  /** The groups of the snapshot that pass, sorted. Without `accepts` the cost is that of the page alone. */
  async page(snapshot: Snapshot, query: GroupQuery): Promise<GroupPage> {
    const { sort, direction, after, limit, accepts } = query;
    const order = await this.#broughtUp(snapshot, () => this.#order(sort));
    const passing = { groups: [] as IndexedGroup[], last: "", count: 0 };
    let isLast = true;
    const slices = new TimeSlices();
    for (const { position, group } of walk(
      order,
      accepts === undefined ? { direction, after } : { direction },
    )) {
      const pause = slices.next();
      if (pause !== undefined) await pause; // to await nothing, group by group, would take as long as the search
      if (accepts?.(group) === false) continue;
      passing.count++;
      if (after !== undefined && !isBeyond(position, after, direction)) continue;
      if (passing.groups.length < limit) {
        passing.groups.push(group);
        passing.last = position;
        continue;
      }
      isLast = false;
      if (accepts === undefined) break;
    }
    return {
      groups: passing.groups,
      matched: accepts === undefined ? snapshot.groupCount : passing.count,
      next: isLast ? undefined : passing.last,
    };
  }

  /** The group, unless it does not exist or has expired. */
  group(snapshot: Snapshot, id: GroupId): Promise<IndexedGroup | undefined> {
    return this.#broughtUp(snapshot, () => this.#groups.get(id));
  }

  /** All jobs of the snapshot, in order of their names. */
  jobs(snapshot: Snapshot): Promise<readonly JobSummary[]> {
    return this.#broughtUp(snapshot, () => {
      this.#jobs ??= summariseJobs(this.#groups.values());
      return this.#jobs;
    });
  }

  /** Reads when the index is at the snapshot. One after the other, because each may leave it at another one. */
  #broughtUp<T>(snapshot: Snapshot, read: () => T | Promise<T>): Promise<T> {
    const run = async () => {
      await this.#bringUp(snapshot.chunks);
      return read();
    };
    const result = this.#updating.then(run, run);
    this.#updating = result;
    return result;
  }

  async #bringUp(chunks: readonly GroupChunk[]): Promise<void> {
    if (chunks === this.#seen) return;
    const slices = new TimeSlices();
    const changes: IndexedChange[] = [];
    for (const { key, before, after } of changesBetween(this.#seen, chunks)) {
      changes.push({
        before: before && this.#groups.get(before.id),
        after: after && indexedGroup(key, after),
      });
      await slices.next();
    }
    const orders: [GroupSort, GroupOrder][] = [];
    for (const [sort, order] of this.#orders) orders.push([sort, await edited(order, changes, sort)]);
    // From here on without a pause: what failed before has left everything as it was.
    for (const { before, after } of changes) {
      if (after !== undefined) this.#groups.set(after.state.id, after);
      else if (before !== undefined) this.#groups.delete(before.state.id);
    }
    for (const [sort, order] of orders) this.#orders.set(sort, order);
    this.#jobs = undefined;
    this.#seen = chunks;
  }

  async #order(sort: GroupSort): Promise<GroupOrder> {
    const known = this.#orders.get(sort);
    if (known !== undefined) return known;
    const all = [...this.#groups.values()].map((after) => ({ before: undefined, after }));
    const order = await edited([], all, sort);
    this.#orders.set(sort, order);
    return order;
  }
}

async function edited(
  order: GroupOrder,
  changes: readonly IndexedChange[],
  sort: GroupSort,
): Promise<GroupOrder> {
  const slices = new TimeSlices();
  let result = order;
  for (let i = 0; i < changes.length; i += changesAtOnce) {
    result = editOrder(result, changes.slice(i, i + changesAtOnce), sort);
    await slices.next();
  }
  return result;
}
