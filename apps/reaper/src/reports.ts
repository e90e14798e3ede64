/** What the sweeps of this reaper came to, for people: metrics and log lines. */
import type { Logger, Telemetry } from "@pushfleet/runtime";
import type { AuditReport } from "@pushfleet/store";
import type { SweepResult } from "./sweep.ts";

export interface SweepReports {
  add(result: SweepResult, seconds: number): void;
  /** Since this reaper last finished a sweep; null = never. */
  lastSweepAgeMs(): number | null;
}

/** Of the differences of one audit, so many are in the log. */
const differencesShown = 20;

export function createSweepReports({ log, telemetry }: { log: Logger; telemetry: Telemetry }): SweepReports {
  const sweeps = telemetry.counter("pushfleet_reaper_sweeps_total", "Sweeps that this reaper finished.");
  const expired = telemetry.counter(
    "pushfleet_reaper_groups_expired_total",
    "Expired groups whose space this reaper freed.",
  );
  const durations = telemetry.summary(
    "pushfleet_reaper_sweep_duration_seconds",
    "How long this reaper's finished sweeps took, audits included.",
  );
  const audits = telemetry.counter("pushfleet_reaper_audits_total", "Audits that this reaper finished.");
  const differences = telemetry.counter(
    "pushfleet_reaper_audit_differences_total",
    "Counts in Redis that audits of this reaper found to differ from the groups.",
  );
  let finishedAtMs: number | null = null;
  telemetry.gauge(
    "pushfleet_reaper_last_sweep_timestamp_seconds",
    "When this reaper last finished a sweep; 0 = never. Reapers take turns, so the maximum over all of them counts.",
    () => (finishedAtMs ?? 0) / 1000,
  );

  const addAudit = (report: AuditReport): void => {
    audits.inc();
    differences.inc(report.differences.length);
    log.info({ groups: report.groups, differences: report.differences.length }, "audit finished");
    for (const { of, name, stored, counted, isCorrected } of report.differences.slice(0, differencesShown)) {
      log.warn({ of, name, stored, counted, isCorrected }, "a count differed from the groups");
    }
  };

  return {
    lastSweepAgeMs: () => (finishedAtMs === null ? null : Math.max(0, Date.now() - finishedAtMs)),

    add({ ending, groupsRemoved, audit }, seconds) {
      expired.inc(groupsRemoved);
      if (audit.kind === "complete") addAudit(audit.report);
      if (audit.kind === "interrupted") log.info({ reason: audit.reason }, "audit interrupted");
      if (ending === "finished") {
        sweeps.inc();
        durations.observe(seconds);
        finishedAtMs = Date.now();
        if (groupsRemoved > 0) log.debug({ groups: groupsRemoved, seconds }, "expired groups removed");
      } else {
        log.info({ ending, groups: groupsRemoved }, "a sweep ended early");
      }
    },
  };
}
