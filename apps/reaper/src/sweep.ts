/** What one sweep does; when it does it, and which reaper, is for others to say (worker.ts). */
import {
  AuditInterrupted,
  type AuditReport,
  type Sweep,
  SweepOvertaken,
  type Upkeep,
} from "@pushfleet/store";

export interface SweepResult {
  /** Whether it came to its end; if not, whoever began another sweep goes on, or the next one of this reaper. */
  readonly ending: "finished" | "stopped" | "overtaken";
  readonly groupsRemoved: number;
  readonly audit: AuditOutcome;
}

type AuditOutcome =
  | { readonly kind: "none" }
  | { readonly kind: "complete"; readonly report: AuditReport }
  /** The next sweep tries again. */
  | { readonly kind: "interrupted"; readonly reason: string };

export interface SweeperOptions {
  readonly upkeep: Upkeep;
  /** Milliseconds between audits, whichever reaper makes them; 0 = this reaper's first sweep only. */
  readonly auditIntervalMs: number;
}

export interface Sweeper {
  /** Stops between two batches when the signal is aborted. Rejects StoreUnavailable. */
  sweep(signal: AbortSignal): Promise<SweepResult>;
}

export function createSweeper({ upkeep, auditIntervalMs }: SweeperOptions): Sweeper {
  // A reaper may have been started because somebody suspects something.
  let hasAudited = false;

  const auditWhenDue = async (current: Sweep, signal: AbortSignal): Promise<AuditOutcome> => {
    const isDue = auditIntervalMs > 0 && current.auditAgeMs >= auditIntervalMs;
    if (hasAudited && !isDue) return { kind: "none" };
    try {
      const report = await current.audit(signal);
      hasAudited = true;
      return { kind: "complete", report };
    } catch (error) {
      if (error instanceof AuditInterrupted) return { kind: "interrupted", reason: error.message };
      if (signal.aborted) return { kind: "interrupted", reason: "stopping" };
      throw error;
    }
  };

  return {
    async sweep(signal) {
      let groupsRemoved = 0;
      let audit: AuditOutcome = { kind: "none" };
      try {
        const current = await upkeep.begin();
        for (let more = true; more && !signal.aborted; ) {
          const batch = await current.expire();
          groupsRemoved += batch.groups;
          more = batch.more;
        }
        if (!signal.aborted) audit = await auditWhenDue(current, signal);
      } catch (error) {
        if (!(error instanceof SweepOvertaken)) throw error;
        return { ending: "overtaken", groupsRemoved, audit };
      }
      return { ending: signal.aborted ? "stopped" : "finished", groupsRemoved, audit };
    },
  };
}
