import type { GroupId } from "@pushfleet/groups";
import type { Cursor, GroupState } from "@pushfleet/store";
import type { Folded } from "./fold.ts";
import type { GroupChunk } from "./group-changes.ts";
import type { Hidden } from "./hiding/hidden.ts";
import type { RenderRequest } from "./listing.ts";

/** The state of the store at one moment, ready to send. Immutable: later syncs make others and leave it as it is. */
export class Snapshot {
  /** The store's clock at that moment, milliseconds since the epoch. */
  readonly nowMs: number;
  readonly cursor: Cursor;
  readonly #folded: Folded;
  #byId: ReadonlyMap<GroupId, GroupState> | undefined;

  constructor(folded: Folded, moment: { nowMs: number; cursor: Cursor }) {
    this.#folded = folded;
    this.nowMs = moment.nowMs;
    this.cursor = moment.cursor;
  }

  get groupCount(): number {
    return this.#folded.groupCount;
  }

  /** What is stored and not shown. Groups are given with it. */
  get hidden(): Hidden {
    return this.#folded.hidden;
  }

  /** The groups in order of their keys, in pieces that snapshots of one view share as far as they are equal. */
  get chunks(): readonly GroupChunk[] {
    return this.#folded.groups;
  }

  /** Every group that has not expired, in order of the group keys. */
  *groups(): Generator<GroupState> {
    for (const chunk of this.#folded.groups) yield* chunk.values;
  }

  /** The group, unless it does not exist or has expired. The first call on a snapshot costs O(groups). */
  group(id: GroupId): GroupState | undefined {
    this.#byId ??= new Map(this.groups().map((group) => [group.id, group]));
    return this.#byId.get(id);
  }

  /**
   * The body of a scrape, in buffers of about 128 kB to be written one after another and never changed. Text is the same
   * on every replica, byte for byte; gzip is one member, whose bytes may differ while what is in it does not.
   */
  render(request: RenderRequest): Promise<readonly Uint8Array[]> {
    return this.#folded.listing.render(request);
  }
}
