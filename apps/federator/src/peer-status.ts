/** What is known of one peer, for people: metrics, the log, the report to the cluster. Nothing that is done rests on it. */
import type { Refusal } from "@pushfleet/federation";
import type { Logger } from "@pushfleet/runtime";
import type { PeerReport, RegionId } from "@pushfleet/store";
import type { LinkError } from "./link-error.ts";
import type { StoreClock } from "./store-clock.ts";

/** Clocks that differ by more decide wrongly who was the last. */
const skewToTellSeconds = 5;
/** The same trouble is told again after so long. */
const tellAgainMs = 60_000;

export interface PeerCounters {
  shipped(groups: number): void;
  failed(): void;
  refused(groups: number): void;
  repaired(groups: number): void;
}

export interface PeerStatusOptions {
  readonly id: RegionId;
  readonly url: string;
  readonly log: Logger;
  readonly clock: StoreClock;
  readonly counters: PeerCounters;
}

export class PeerStatus {
  readonly id: RegionId;
  readonly url: string;
  readonly #log: Logger;
  readonly #clock: StoreClock;
  readonly #counters: PeerCounters;
  #isActive = false;
  /** null: nothing was sent since this federator became the active one. */
  #isUp: boolean | null = null;
  #downSinceMs = 0;
  #lastError = "";
  #owedSinceMicros: number | null = null;
  #comparedAtMs = 0;
  #skewSeconds = 0;
  #skewToldAtMs = Number.NEGATIVE_INFINITY;
  #refusedToldAtMs = Number.NEGATIVE_INFINITY;
  #refusedUntold = 0;

  constructor({ id, url, log, clock, counters }: PeerStatusOptions) {
    this.id = id;
    this.url = url;
    this.#log = log.child({ peer: id, url });
    this.#clock = clock;
    this.#counters = counters;
  }

  get isActive(): boolean {
    return this.#isActive;
  }

  get isUp(): boolean | null {
    return this.#isUp;
  }

  get skewSeconds(): number {
    return this.#skewSeconds;
  }

  get comparedAtSeconds(): number {
    return this.#comparedAtMs / 1000;
  }

  /** How long ago the oldest change happened here that the peer is known to lack; 0 when there is none. */
  get lagSeconds(): number {
    const now = this.#clock.at();
    if (this.#owedSinceMicros === null || now === undefined) return 0;
    return Math.max(0, (now - this.#owedSinceMicros) / 1e6);
  }

  report(): PeerReport {
    const { id, isActive, isUp } = this;
    return { id, isActive, isUp, lagMs: isActive ? Math.round(this.lagSeconds * 1000) : null };
  }

  activate(comparedAtMs: number): void {
    this.#isActive = true;
    this.#comparedAtMs = comparedAtMs;
    this.#log.info("this federator ships from now on: it has the lease");
  }

  deactivate(): void {
    this.#isActive = false;
    this.#isUp = null;
    this.#lastError = "";
    this.#owedSinceMicros = null;
    this.#skewSeconds = 0;
    this.#log.info("this federator ships no more: the lease is gone");
  }

  /** Changes from then on are read and not taken by the peer yet. */
  owes(sinceMicros: number): void {
    this.#owedSinceMicros = Math.min(this.#owedSinceMicros ?? Number.POSITIVE_INFINITY, sinceMicros);
  }

  /** The peer has taken all that was read. */
  owesNothing(): void {
    this.#owedSinceMicros = null;
  }

  shipped(groups: number): void {
    this.#counters.shipped(groups);
  }

  answered(): void {
    if (this.#isUp === false) {
      const seconds = (performance.now() - this.#downSinceMs) / 1000;
      this.#log.info({ outageSeconds: Number(seconds.toFixed(1)) }, "the peer is back");
    }
    this.#isUp = true;
    this.#lastError = "";
  }

  /** Told once for each trouble, however often it is met. */
  failed(error: LinkError): void {
    this.#counters.failed();
    if (this.#isUp !== false) this.#downSinceMs = performance.now();
    this.#isUp = false;
    if (this.#lastError === error.code) return;
    this.#lastError = error.code;
    this.#log.error({ reason: error.code, err: error }, headlines[error.code]);
  }

  refused(refused: readonly Refusal[]): void {
    if (refused.length === 0) return;
    this.#counters.refused(refused.length);
    this.#refusedUntold += refused.length;
    const now = performance.now();
    if (now - this.#refusedToldAtMs < tellAgainMs) return;
    const [example] = refused;
    const groups = this.#refusedUntold;
    this.#log.error(
      { groups, group: shown(example?.id), reason: example?.reason, detail: shown(example?.detail) },
      "the peer refuses groups",
    );
    this.#refusedToldAtMs = now;
    this.#refusedUntold = 0;
  }

  /** The peer's clock said so at that moment of `performance.now()`, about. */
  clockTold(peerMicros: number, atMs: number): void {
    const ours = this.#clock.at(atMs);
    if (ours === undefined) return;
    this.#skewSeconds = (peerMicros - ours) / 1e6;
    if (Math.abs(this.#skewSeconds) <= skewToTellSeconds) return;
    const now = performance.now();
    if (now - this.#skewToldAtMs < tellAgainMs) return;
    this.#skewToldAtMs = now;
    this.#log.warn(
      { skewSeconds: Number(this.#skewSeconds.toFixed(1)) },
      "the clocks of the regions differ: of two pushes to one group the wrong one may win",
    );
  }

  compared(
    atMs: number,
    { differing, repaired, seconds }: { differing: number; repaired: number; seconds: number },
  ): void {
    this.#comparedAtMs = atMs;
    this.#counters.repaired(repaired);
    const level = repaired > 0 ? "info" : "debug";
    this.#log[level](
      { differing, repaired, seconds: Number(seconds.toFixed(1)) },
      "all groups compared with the peer's",
    );
  }

  tellHistory(isFirst: boolean): void {
    this.#log.info(
      isFirst
        ? "the peer is met for the first time: all groups will be compared"
        : "the peer's store is not the one it was: all groups will be compared",
    );
  }
}

/** What a peer says may be of any length. */
function shown(text = ""): string {
  return text.slice(0, 200);
}

const headlines: Readonly<Record<LinkError["code"], string>> = {
  unreachable: "the link to the peer is lost",
  timeout: "the link to the peer is lost: it does not answer",
  credentials: "the peer refuses our credentials",
  "wrong-region": "the peer is not the region it should be",
  "too-large": "the peer takes no batch of this size",
  refused: "the peer does not take what is sent",
  "bad-answer": "the peer answers what cannot be understood",
};
