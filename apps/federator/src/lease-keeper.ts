import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "@pushfleet/runtime";
import { type Lease, type Ledger, type RegionId, StoreUnavailable } from "@pushfleet/store";
import { Tenure } from "./tenure.ts";

/** A federator that was killed is replaced when this is over and another one has asked, within 5 s. */
const leaseMs = 3_000;
const renewEveryMs = 1_000;

export interface LeaseKeeperOptions {
  readonly peer: RegionId;
  /** Of this process. */
  readonly owner: string;
  readonly ledger: Ledger;
  readonly log: Logger;
  /** Called with each new tenure. It ends by itself. */
  readonly onTenure: (tenure: Tenure) => void;
  readonly onLost: () => void;
  readonly signal: AbortSignal;
}

/**
 * Takes the lease for a peer whenever it can be had and renews it, until the signal is aborted: then it is given back. While the
 * store is away a lease runs out here as well, by the clock of this process. Never rejects.
 */
export async function keepLease(options: LeaseKeeperOptions): Promise<void> {
  const { peer, owner, ledger, log, onTenure, onLost, signal } = options;
  let tenure: Tenure | undefined;
  let heldUntilMs = 0;

  /** Outages are told elsewhere. */
  const tell = (error: unknown) => {
    if (!(error instanceof StoreUnavailable)) log.error({ err: error, peer }, "keeping the lease failed");
  };

  const lose = () => {
    if (tenure === undefined) return;
    tenure.end();
    tenure = undefined;
    onLost();
  };

  const renew = async (): Promise<void> => {
    const askedAtMs = performance.now();
    const lease = await ledger.acquire(peer, owner, leaseMs);
    if (lease === null) return lose();
    heldUntilMs = askedAtMs + leaseMs;
    // Somebody may have had it in between.
    if (tenure !== undefined && (tenure.signal.aborted || tenure.lease.fence !== lease.fence)) lose();
    if (tenure !== undefined) return;
    tenure = new Tenure(lease, await ledger.read(peer), ledger);
    onTenure(tenure);
  };

  while (!signal.aborted) {
    // In an outage an answer may come late or never.
    const expiry = setTimeout(lose, Math.max(0, heldUntilMs - performance.now()));
    try {
      await renew();
    } catch (error) {
      tell(error);
      if (performance.now() >= heldUntilMs) lose();
    } finally {
      clearTimeout(expiry);
    }
    await delay(renewEveryMs, undefined, { signal }).catch(() => {});
  }
  const lease: Lease | undefined = tenure?.lease;
  await tenure?.save().catch(tell);
  lose();
  if (lease !== undefined) await ledger.release(lease).catch(tell);
}
