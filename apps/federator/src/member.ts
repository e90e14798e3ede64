import { setTimeout as delay } from "node:timers/promises";
import type { ChangesAnswer } from "@pushfleet/federation";
import type { Batch } from "./batch.ts";
import { LinkError } from "./link-error.ts";
import type { PeerLink } from "./peer-link.ts";
import type { PeerStatus } from "./peer-status.ts";
import type { Tenure } from "./tenure.ts";

/** After a refusal for the sake of clocks. By then the version may not be ahead any more, or somebody has seen to the clocks. */
const compareAgainMs = 30_000;

/** What became of the states of a batch. */
export interface Taken {
  /** In effect at the peer. */
  readonly merged: number;
  /** Of those, the ones that said something new. */
  readonly changed: number;
}

/** A peer for as long as this federator ships to it. */
export class Member {
  readonly tenure: Tenure;
  readonly status: PeerStatus;
  readonly #link: PeerLink;
  #answeredAtMs = Number.NEGATIVE_INFINITY;
  #history: string | undefined;
  #compareAtMs = Number.POSITIVE_INFINITY;
  #aheadAtMs = Number.NEGATIVE_INFINITY;

  constructor({ tenure, status, link }: { tenure: Tenure; status: PeerStatus; link: PeerLink }) {
    this.tenure = tenure;
    this.status = status;
    this.#link = link;
  }

  get link(): PeerLink {
    return this.#link;
  }

  /** How long ago it last answered; Infinity when it never did. */
  get silenceMs(): number {
    return performance.now() - this.#answeredAtMs;
  }

  /** Whether it may lack what it once had, or was to be asked again about now. */
  get wantsComparison(): boolean {
    const isOther = this.#history !== undefined && this.#history !== this.tenure.record.peerHistory;
    return isOther || performance.now() >= this.#compareAtMs;
  }

  /** A comparison has succeeded that began at that moment of `performance.now()`: only what was refused since is owed. */
  compared(beganAtMs: number): void {
    const isOwed = this.#aheadAtMs >= beganAtMs;
    this.#compareAtMs = isOwed ? this.#aheadAtMs + compareAgainMs : Number.POSITIVE_INFINITY;
  }

  /**
   * Sends a batch, in halves where the peer takes no more at once. A state that is too large by itself is left out and told, as it
   * would be in the way of all others for ever. Rejects LinkError; some of the batch may be in effect then.
   */
  async send(batch: Batch): Promise<Taken> {
    let answer: ChangesAnswer;
    try {
      answer = await this.#link.send(batch.body);
    } catch (error) {
      if (error instanceof LinkError && error.code === "too-large") return this.#sendLess(batch, error);
      throw error;
    }
    const { merged, changed, refused } = answer.outcomes;
    const told = merged + refused.length;
    if (told !== batch.states.length) {
      const message = `${this.status.url} told of ${told} states when it was sent ${batch.states.length}`;
      throw new LinkError("bad-answer", message);
    }
    this.#answeredAtMs = performance.now();
    if (!this.tenure.signal.aborted) this.#heed(answer);
    return { merged, changed };
  }

  async #sendLess(batch: Batch, tooLarge: LinkError): Promise<Taken> {
    const [state] = batch.states;
    if (state === undefined) throw tooLarge;
    const taken = { merged: 0, changed: 0 };
    if (batch.states.length === 1) {
      this.status.refused([{ id: state.id, reason: "invalid", detail: tooLarge.message }]);
      return taken;
    }
    for await (const half of batch.halves()) {
      const { merged, changed } = await this.send(half);
      taken.merged += merged;
      taken.changed += changed;
    }
    return taken;
  }

  #heed({ history, outcomes }: ChangesAnswer): void {
    const { peerHistory } = this.tenure.record;
    if (history !== this.#history && history !== peerHistory) this.status.tellHistory(peerHistory === "");
    this.#history = history;
    this.status.answered();
    this.status.refused(outcomes.refused);
    if (outcomes.refused.some(({ reason }) => reason === "ahead")) {
      this.#aheadAtMs = performance.now();
      this.#compareAtMs = Math.min(this.#compareAtMs, this.#aheadAtMs + compareAgainMs);
    }
  }

  /** Ends early with the tenure. Never rejects. */
  async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.tenure.signal }).catch(() => {});
  }
}
