/** What gateways answer the federators of other regions: JSON. */

/** To whom one speaks, and where its store stands. */
export interface Standing {
  readonly region: string;
  /** Of the store: another one than before means that it may have lost something. */
  readonly history: string;
  /** The store's clock, microseconds since the epoch. */
  readonly now_micros: number;
}

/** To POST /federation/v1/changes: what became of the states of a batch. */
export interface ChangesAnswer extends Standing {
  readonly outcomes: {
    readonly merged: number;
    /** Of those merged, the ones that said something new. */
    readonly changed: number;
    readonly refused: readonly Refusal[];
  };
}

/** A state of which nothing is in effect. Sending it again helps with "ahead" only, once that much time has passed. */
export interface Refusal {
  /** Of the group. */
  readonly id: string;
  readonly reason: "ahead" | "invalid";
  /** For people. */
  readonly detail: string;
}

/** Characters of what a peer wrote that are told back and logged. */
const longestTold = 200;

/** With no more of what the peer wrote than is worth telling. */
export function refusal(id: string, reason: Refusal["reason"], detail: string): Refusal {
  return { id: id.slice(0, longestTold), reason, detail: detail.slice(0, longestTold) };
}

/** To GET /federation/v1/digests. */
export interface DigestAnswer extends Standing {
  /** `Digest.toText()`. */
  readonly digest: string;
}

/** To GET /federation/v1/digests?buckets=…: `bucketsParameter`. */
export interface BucketsAnswer extends Standing {
  /** The hash of each group in those buckets by its id: `hashOf`. */
  readonly groups: Readonly<Record<string, string>>;
}
