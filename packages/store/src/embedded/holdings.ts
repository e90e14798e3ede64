import type { Group, GroupId } from "@pushfleet/groups";
import type { Shape } from "../shapes.ts";
import { ExpiryQueue } from "./expiry-queue.ts";
import type { GivenFamily } from "./family-texts.ts";
import type { GroupRecord } from "./group-record.ts";
import { type Holders, NameIndex } from "./name-index.ts";
import type { HeldGroups } from "./push-check.ts";

/** The groups that are there, with the indexes over them. What changes a group's families or its end, goes through here. */
export class Holdings implements HeldGroups {
  readonly #groups = new Map<GroupId, GroupRecord>();
  readonly #names = new NameIndex();
  readonly #expiry = new ExpiryQueue<GroupRecord>();

  get(id: GroupId): GroupRecord | undefined {
    return this.#groups.get(id);
  }

  count(): number {
    return this.#groups.size;
  }

  countOf(job: string): number {
    return this.#names.groupsOf(job);
  }

  heldTypes(name: string): readonly Holders[] {
    return this.#names.heldTypes(name);
  }

  /** Whether some name is held with several types. */
  hasAmbiguousNames(): boolean {
    return this.#names.ambiguousNames() > 0;
  }

  shapesBeside(group: Group): Iterable<Shape> {
    return this.#names.shapesBeside(group);
  }

  all(): GroupRecord[] {
    return [...this.#groups.values()];
  }

  /** With the families that it has. Its end counts from the next `schedule`. */
  add(record: GroupRecord): void {
    this.#groups.set(record.group.id, record);
    this.#names.addGroup(record.group);
    for (const { name, type } of record.families.values()) this.#names.hold(name, type);
  }

  /** The record stays as it is. */
  remove(record: GroupRecord): void {
    this.#groups.delete(record.group.id);
    this.#names.removeGroup(record.group);
    for (const { name, type } of record.families.values()) this.#names.release(name, type);
    this.#expiry.delete(record);
  }

  /** Adds the families to the group, in place of those of the same names. */
  put(record: GroupRecord, families: readonly GivenFamily[]): void {
    for (const { name, type } of families) {
      const before = record.families.get(name)?.type;
      if (before === type) continue;
      if (before !== undefined) this.#names.release(name, before);
      this.#names.hold(name, type);
    }
    record.families.put(families);
  }

  drop(record: GroupRecord, name: string): void {
    const type = record.families.get(name)?.type;
    if (type === undefined) return;
    record.families.delete(name);
    this.#names.release(name, type);
  }

  /** To be called when `expiresAtMs` has changed. */
  schedule(record: GroupRecord): void {
    if (record.expiresAtMs === null) this.#expiry.delete(record);
    else this.#expiry.set(record, record.expiresAtMs);
  }

  firstExpired(nowMs: number): GroupRecord | undefined {
    return this.#expiry.firstExpired(nowMs);
  }
}
