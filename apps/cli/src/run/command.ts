import { flag, value } from "@pushfleet/config/option";
import { text } from "@pushfleet/config/values";
import { defineCommand } from "../command/command.ts";
import { type CommandOptions, described, type OptionValues } from "../command/option.ts";
import { connectionOptions } from "../connection.ts";
import { groupingOptions, ttlOptions } from "../grouping.ts";
import { spoolOptions } from "../spool/spool-options.ts";
import { runJob } from "./run-job.ts";

const runOptions = {
  ...groupingOptions,
  ...ttlOptions,
  "metrics-file": described(
    value(text, "", {
      placeholder: "FILE",
      help: "Push the metrics that the command writes into this file, in the text format.",
    }),
    { completes: "file" },
  ),
  "metrics-from-stdout": value(text, "", {
    placeholder: "PREFIX",
    help: "Push what stands behind this prefix in lines of the command's output, and leave them out there. All else passes.",
  }),
  merge: flag(false, {
    help: "Keep metrics of earlier runs that this run does not have, also after a success with metrics of the command's own.",
  }),
  resources: flag(false, { help: "Push CPU time and memory of the command and its children too (Linux)." }),
  quiet: flag(false, { help: "Say nothing when metrics cannot be sent." }),
  ...spoolOptions,
  ...connectionOptions,
} as const satisfies CommandOptions;

export type RunOptions = OptionValues<typeof runOptions>;

export const runCommand = defineCommand({
  name: "run",
  summary: "run a job and push how it went",
  description: [
    "Runs a command as if it were run without this, and pushes when it started, when it ended, how long it took, and whether it succeeded. Exit code, output, input and signals are the command's own.",
    "Monitoring that is down neither fails nor delays the job: the command starts at once, and after it ended at most --timeout goes by. What could not be sent waits on disk and is sent by the next run.",
    "Pushed are batch_job_last_start_timestamp_seconds, batch_job_last_completion_timestamp_seconds, batch_job_duration_seconds, batch_job_success (1 or 0), batch_job_exit_code, and after a success batch_job_last_success_timestamp_seconds, after a failure batch_job_last_failure_timestamp_seconds. --resources adds batch_job_cpu_seconds and batch_job_resident_memory_max_bytes.",
    "They are merged into the group, so the last success outlives a failure, and what the command itself pushes stays. With metrics of the command's own, by --metrics-file or --metrics-from-stdout, a success replaces the group, so that nothing of earlier runs stays that this one does not have; --merge prevents that.",
  ],
  operands: { kind: "command" },
  options: runOptions,
  examples: [
    { what: "a job of cron", command: "pushfleet run --job=backup --instance=db-1 -- ./backup.sh --full" },
    {
      what: "with metrics of its own, forgotten after two missed days",
      command: "pushfleet run --job=etl --ttl=49h --metrics-file=etl.prom -- ./etl.sh",
    },
    {
      what: 'its output has lines such as "::metric rows_loaded 15000"',
      command: "pushfleet run --job=load --metrics-from-stdout='::metric ' --resources -- ./load.sh",
    },
  ],
  exitCodes: [
    ["0", "the command succeeded"],
    ["1", "the command failed; any other code is its own too, 128+N when signal N ended it"],
    ["2", "wrong usage, and nothing was run; or the command's own"],
    ["126", "the command cannot be run"],
    ["127", "there is no such command"],
  ],
  run: ({ options, operands }, context) => runJob(options, operands, context),
});
