import { type Cursor, type Lease, type Ledger, type PeerRecord, StoreUnavailable } from "@pushfleet/store";

/** How far shipping has come: where in the feed to go on, and what of it is known to be shipped. */
export interface Position {
  readonly cursor: Cursor | null;
  readonly ownAfter: number;
}

/**
 * The time for which one lease lasts, and what is written down under it. It ends with the lease, when another federator was
 * found to have a later one, or when this one stops: its signal is aborted then, and nothing is saved any more.
 */
export class Tenure {
  readonly lease: Lease;
  readonly #ledger: Ledger;
  readonly #ending = new AbortController();
  #record: PeerRecord;
  #isSaved = true;
  #saving: Promise<void> | undefined;

  constructor(lease: Lease, record: PeerRecord | null, ledger: Ledger) {
    this.lease = lease;
    this.#ledger = ledger;
    this.#record = record ?? { cursor: null, ownAfter: 0, peerHistory: "", comparedAtMs: 0 };
  }

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  get record(): PeerRecord {
    return this.#record;
  }

  /** The peer has everything up to there. What was known to be further on stays. */
  advance({ cursor, ownAfter }: Position): void {
    const known = this.#record.cursor;
    const isBehind = known !== null && known.history === cursor?.history && cursor.change < known.change;
    if (isBehind) return;
    this.#record = {
      ...this.#record,
      cursor,
      ownAfter: Math.max(ownAfter, known?.history === cursor?.history ? this.#record.ownAfter : 0),
    };
    this.#isSaved = false;
  }

  compared(peerHistory: string, comparedAtMs: number): void {
    this.#record = { ...this.#record, peerHistory, comparedAtMs };
    this.#isSaved = false;
  }

  /**
   * Writes down what has changed. What comes while this is done is written down afterwards, once. An outage of the store is passed
   * over: less is known then by whoever goes on, who ships something again.
   */
  save(): Promise<void> {
    this.#saving ??= this.#saveAll().finally(() => {
      this.#saving = undefined;
    });
    return this.#saving;
  }

  end(): void {
    this.#ending.abort();
  }

  async #saveAll(): Promise<void> {
    while (!this.#isSaved && !this.signal.aborted) {
      this.#isSaved = true;
      try {
        if (!(await this.#ledger.save(this.lease, this.#record))) this.end();
      } catch (error) {
        this.#isSaved = false;
        if (error instanceof StoreUnavailable) return;
        throw error;
      }
    }
  }
}
