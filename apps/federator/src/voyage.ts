import type { Batch } from "./batch.ts";
import { LinkError } from "./link-error.ts";
import type { Member, Taken } from "./member.ts";
import type { Position } from "./tenure.ts";

/** What one peer is sent in one reading of the feed: batches that are under way together and count in the order they were sent. */
export class Voyage {
  readonly member: Member;
  /** Each settles after those before it, and never rejects. */
  readonly #answers: Promise<void>[] = [];
  #last: Promise<void> = Promise.resolve();
  #error: LinkError | undefined;
  #answered = 0;
  #slowestMs = 0;

  constructor(member: Member) {
    this.member = member;
  }

  /** Batches that are not answered yet. */
  get underWay(): number {
    return this.#answers.length - this.#answered;
  }

  /** What it ended with: nothing that was sent after counts. */
  get error(): LinkError | undefined {
    return this.#error;
  }

  /** From sending to answer. */
  get slowestMs(): number {
    return this.#slowestMs;
  }

  /** When all that was sent so far is answered, or has failed, and written down. Never rejects. */
  get arrival(): Promise<void> {
    return this.#last;
  }

  /** When no more batches than that are under way. Never rejects. */
  async atMost(underWay: number): Promise<void> {
    await this.#answers.at(-1 - underWay);
  }

  send(batch: Batch): void {
    const sentAtMs = performance.now();
    const answer = this.member.send(batch).then(
      (taken): Taken | { readonly error: unknown } => taken,
      (error: unknown) => ({ error }),
    );
    this.#then(async () => {
      const result = await answer;
      this.#answered++;
      if ("error" in result) return this.#fail(result.error);
      this.#slowestMs = Math.max(this.#slowestMs, performance.now() - sentAtMs);
      if (this.#error === undefined) this.member.status.shipped(result.merged);
    });
    this.#answers.push(this.#last);
  }

  /** All up to this position has been sent now. */
  reach(position: Position, isWorthSaving: boolean): void {
    this.#then(async () => {
      const { tenure } = this.member;
      if (this.#error !== undefined || tenure.signal.aborted) return;
      tenure.advance(position);
      if (isWorthSaving) await tenure.save();
    });
  }

  #then(step: () => Promise<void>): void {
    this.#last = this.#last.then(step).catch((error: unknown) => this.#fail(error));
  }

  #fail(cause: unknown): void {
    this.#error ??=
      cause instanceof LinkError ? cause : new LinkError("bad-answer", String(cause), { cause });
  }
}
