import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "@pushfleet/runtime";
import { StoreUnavailable } from "@pushfleet/store";
import { Backoff } from "./backoff.ts";
import { type ComparisonOptions, compareAll } from "./comparison.ts";
import type { Convoy } from "./convoy.ts";
import { LinkError } from "./link-error.ts";
import type { Member } from "./member.ts";

export interface ComparisonsOptions extends ComparisonOptions {
  readonly convoy: Convoy;
  readonly log: Logger;
  /** 0 = only when a peer was found to be another than it was. */
  readonly intervalMs: number;
}

const lookEveryMs = 250;
/** After a comparison that left something to compare. */
const againAfterMs = 1_000;

/** Compares with the peer whenever it is due and the peer has caught up otherwise, until the tenure ends. Never rejects. */
export async function keepComparing(member: Member, options: ComparisonsOptions): Promise<void> {
  const { convoy, log } = options;
  const { tenure, status } = member;
  let backoff = new Backoff();
  while (!tenure.signal.aborted) {
    await delay(lookEveryMs, undefined, { signal: tenure.signal }).catch(() => {});
    if (tenure.signal.aborted || !convoy.hasCaughtUp(member) || !isDue(member, options)) continue;
    const beganAtMs = performance.now();
    try {
      await compareAll(member, options);
      member.compared(beganAtMs);
      backoff = new Backoff();
      if (member.wantsComparison) await member.pause(againAfterMs);
    } catch (error) {
      if (tenure.signal.aborted) return;
      if (error instanceof LinkError) status.failed(error);
      else if (!(error instanceof StoreUnavailable)) log.error({ err: error }, "a comparison failed");
      await member.pause(backoff.next());
    }
  }
}

function isDue(member: Member, { clock, intervalMs }: ComparisonsOptions): boolean {
  if (member.wantsComparison) return true;
  const nowMicros = clock.at();
  if (intervalMs === 0 || nowMicros === undefined) return false;
  return nowMicros / 1000 - member.tenure.record.comparedAtMs >= intervalMs;
}
