/** What the federators of a region keep together in its store: who ships to which peer, and how far. */
import type { Cursor } from "../store.ts";
import type { RegionId } from "./version.ts";

/**
 * A licence to ship to one peer. Of all licences ever given for a peer the last one counts: whoever has an earlier one, and has not
 * noticed yet, can save nothing any more.
 */
export interface Lease {
  readonly peer: RegionId;
  readonly owner: string;
  /** Greater than that of every earlier lease for the peer. */
  readonly fence: number;
}

/** Where shipping to a peer stands. */
export interface PeerRecord {
  /** All before it has been taken by the peer. null: begin with everything. */
  readonly cursor: Cursor | null;
  /** `ownAfter` for the next pages: see `Replication.changes`. */
  readonly ownAfter: number;
  /** The history of the peer's store when it last answered; "" = not known. Another one means that it may have lost something. */
  readonly peerHistory: string;
  /** Milliseconds since the epoch, by this store's clock, when all digests were last compared; 0 = never. */
  readonly comparedAtMs: number;
}

export interface Ledger {
  /**
   * The lease for the peer when it is free or has run out, or when `owner` has it already and only renews it (the fence stays
   * then); null while somebody else has it. It runs out after `ttlMs`, by the store's clock. Rejects StoreUnavailable.
   */
  acquire(peer: RegionId, owner: string, ttlMs: number): Promise<Lease | null>;
  /** Gives the lease back, if it is still in force. */
  release(lease: Lease): Promise<void>;
  /** null when nothing was ever saved. */
  read(peer: RegionId): Promise<PeerRecord | null>;
  /** Resolves to false, and saves nothing, when a later lease was given. */
  save(lease: Lease, record: PeerRecord): Promise<boolean>;
}
