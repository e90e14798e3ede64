import { setTimeout as delay } from "node:timers/promises";
import type { ChangesAnswer } from "@pushfleet/federation";
import { LinkError } from "./link-error.ts";
import type { PeerLink } from "./peer-link.ts";
import type { PeerStatus } from "./peer-status.ts";
import type { Tenure } from "./tenure.ts";

/** After a refusal for the sake of clocks. By then the version may not be ahead any more, or somebody has seen to the clocks. */
const compareAgainMs = 30_000;

/** A peer for as long as this federator ships to it. */
export class Member {
  readonly tenure: Tenure;
  readonly status: PeerStatus;
  readonly #link: PeerLink;
  #answeredAtMs = Number.NEGATIVE_INFINITY;
  #history: string | undefined;
  #compareAtMs = Number.POSITIVE_INFINITY;

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

  comparisonBegins(): void {
    this.#compareAtMs = Number.POSITIVE_INFINITY;
  }

  /**
   * Sends a batch of the groups with these ids; resolves to how many of their states said something new. One that is too large by
   * itself is left out and told, as it would be in the way of all others for ever. Rejects LinkError.
   */
  async send(body: Uint8Array, ids: readonly string[]): Promise<number> {
    try {
      const answer = await this.#link.send(body);
      this.#answeredAtMs = performance.now();
      if (!this.tenure.signal.aborted) this.#heed(answer);
      return answer.outcomes.changed;
    } catch (error) {
      const [id] = ids;
      if (!(error instanceof LinkError && error.code === "too-large") || id === undefined || ids.length > 1)
        throw error;
      this.status.refused([{ id, reason: "invalid", detail: error.message }]);
      return 0;
    }
  }

  #heed({ history, outcomes }: ChangesAnswer): void {
    const { peerHistory } = this.tenure.record;
    if (history !== this.#history && history !== peerHistory) this.status.tellHistory(peerHistory === "");
    this.#history = history;
    this.status.answered();
    this.status.refused(outcomes.refused);
    if (outcomes.refused.some(({ reason }) => reason === "ahead")) {
      this.#compareAtMs = Math.min(this.#compareAtMs, performance.now() + compareAgainMs);
    }
  }

  /** Ends early with the tenure. Never rejects. */
  async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.tenure.signal }).catch(() => {});
  }
}
