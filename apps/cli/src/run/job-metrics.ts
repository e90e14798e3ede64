import type { FamilyText } from "../spool/spooled-push.ts";
import type { ResourceUsage } from "./resources.ts";

/** A run that has ended. */
export interface Run {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** By a clock that is never set. */
  readonly tookMs: number;
  readonly exitCode: number;
  readonly usage: ResourceUsage | undefined;
}

/** What is pushed when the command starts. It is in the last push too, so that it does no harm to arrive after that. */
export function startMetrics(startedAtMs: number): readonly FamilyText[] {
  return [
    gauge(
      "batch_job_last_start_timestamp_seconds",
      "When the job last started, in seconds since the epoch.",
      startedAtMs / 1000,
    ),
  ];
}

/**
 * What is pushed when the command has ended. Only a success has the time of the last success and only a failure that of the last
 * failure, so that a merge leaves the other as it was.
 */
export function endMetrics({ startedAtMs, endedAtMs, tookMs, exitCode, usage }: Run): readonly FamilyText[] {
  const isSuccess = exitCode === 0;
  const end = endedAtMs / 1000;
  return [
    ...startMetrics(startedAtMs),
    gauge(
      "batch_job_last_completion_timestamp_seconds",
      "When the job last ended, successfully or not, in seconds since the epoch.",
      end,
    ),
    gauge(
      "batch_job_duration_seconds",
      "How long the last run of the job took, in seconds.",
      Math.round(tookMs) / 1000,
    ),
    gauge("batch_job_success", "Whether the last run of the job succeeded.", isSuccess ? 1 : 0),
    gauge(
      "batch_job_exit_code",
      "Exit code of the last run of the job; 128 and the number of a signal that ended it.",
      exitCode,
    ),
    isSuccess
      ? gauge(
          "batch_job_last_success_timestamp_seconds",
          "When the job last ended successfully, in seconds since the epoch.",
          end,
        )
      : gauge(
          "batch_job_last_failure_timestamp_seconds",
          "When the job last failed, in seconds since the epoch.",
          end,
        ),
    ...(usage === undefined ? [] : usageMetrics(usage)),
  ];
}

function usageMetrics({ userSeconds, systemSeconds, residentBytes }: ResourceUsage): readonly FamilyText[] {
  const cpu = "batch_job_cpu_seconds";
  return [
    {
      name: cpu,
      text: `${header(cpu, "CPU time of the last run of the job and of its children, in seconds.")}${cpu}{mode="system"} ${systemSeconds}\n${cpu}{mode="user"} ${userSeconds}\n`,
    },
    ...(residentBytes === undefined
      ? []
      : [
          gauge(
            "batch_job_resident_memory_max_bytes",
            "Most resident memory of the last run of the job and its children, as samples found it, in bytes.",
            residentBytes,
          ),
        ]),
  ];
}

function gauge(name: string, help: string, value: number): FamilyText {
  return { name, text: `${header(name, help)}${name} ${value}\n` };
}

function header(name: string, help: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n`;
}
