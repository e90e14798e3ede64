import type { Dashboard, Row } from "./dashboard.ts";
import { query, redIfAny } from "./panel.ts";

// Most of it is what ops/prometheus/batch-jobs.yml records: that knows who calls what by which name.
const chosen = 'job=~"$job"';

const now: Row = {
  title: "Now",
  height: 4,
  panels: [
    {
      title: "Jobs",
      description: "With at least one group.",
      kind: "stat",
      unit: "short",
      queries: [query(`count(count by (job) (push_time_seconds{${chosen}}))`)],
    },
    {
      title: "Failed",
      description: "Whose last run ended with an error.",
      kind: "stat",
      unit: "short",
      queries: [query(`count(batch_job:success{${chosen}} == 0) or vector(0)`)],
      thresholds: redIfAny,
    },
    {
      title: "Overdue",
      description: "That have not succeeded for longer than they may: what BatchJobNotRunning tells of.",
      kind: "stat",
      unit: "short",
      queries: [query(`count(ALERTS{alertname="BatchJobNotRunning",${chosen}}) or vector(0)`)],
      thresholds: redIfAny,
    },
    {
      title: "Running",
      description: "That have begun a run and not ended it, as pushfleet run tells.",
      kind: "stat",
      unit: "short",
      queries: [query(`count(batch_job:running_seconds{${chosen}}) or vector(0)`)],
    },
    {
      title: "Refused pushes",
      description: "Groups whose last push was refused for its content: they show what was pushed before.",
      kind: "stat",
      unit: "short",
      queries: [
        query(`count(push_failure_time_seconds{${chosen}} > push_time_seconds{${chosen}}) or vector(0)`),
      ],
      thresholds: redIfAny,
    },
    {
      title: "Success rate (7 days)",
      description: "Of all the time, the share in which the last run of a job had succeeded.",
      kind: "stat",
      unit: "percentunit",
      queries: [query(`avg(batch_job:success_rate:7d{${chosen}})`)],
      thresholds: [
        { from: null, color: "red" },
        { from: 0.9, color: "yellow" },
        { from: 0.99, color: "green" },
      ],
    },
  ],
};

const runs: Row = {
  title: "Runs",
  height: 10,
  panels: [
    {
      title: "Recent job runs",
      description: "What each job last said. Sort by a column to find the worst.",
      kind: "table",
      unit: "short",
      queries: [
        query(`max by (job, instance) (batch_job:success{${chosen}})`),
        query(`max by (job, instance) (time() - batch_job:last_success_timestamp_seconds{${chosen}})`),
        query(`max by (job, instance) (batch_job:duration_seconds{${chosen}})`),
        query(`max by (job, instance) (time() - push_time_seconds{${chosen}})`),
      ],
      columns: {
        job: "Job",
        instance: "Instance",
        "Value #A": "Succeeded",
        "Value #B": "Since the last success (s)",
        "Value #C": "Duration (s)",
        "Value #D": "Since the last push (s)",
      },
    },
    {
      title: "Success rate by job (7 days)",
      description: "The worst first.",
      kind: "bargauge",
      unit: "percentunit",
      max: 1,
      queries: [query(`sort(min by (job) (batch_job:success_rate:7d{${chosen}}))`, "{{job}}")],
    },
  ],
};

const courses: Row = {
  title: "Over time",
  height: 9,
  panels: [
    {
      title: "Job duration",
      description: "Of the last run, until there is the next.",
      kind: "timeseries",
      unit: "s",
      queries: [
        query(`max by (job, instance) (batch_job:duration_seconds{${chosen}})`, "{{job}} {{instance}}"),
      ],
    },
    {
      title: "Since the last success",
      description: "A sawtooth, as long as all is well.",
      kind: "timeseries",
      unit: "s",
      queries: [
        query(
          `time() - max by (job, instance) (batch_job:last_success_timestamp_seconds{${chosen}})`,
          "{{job}} {{instance}}",
        ),
      ],
    },
    {
      title: "Success",
      description: "1 after a run that succeeded, 0 after one that failed.",
      kind: "timeseries",
      unit: "short",
      max: 1,
      queries: [query(`min by (job, instance) (batch_job:success{${chosen}})`, "{{job}} {{instance}}")],
    },
  ],
};

const records: Row = {
  title: "Records",
  height: 9,
  panels: [
    {
      title: "Records processed by the last run",
      description: "Of jobs that tell it.",
      kind: "bargauge",
      unit: "short",
      queries: [query(`sum by (job) (batch_job:records_processed{${chosen}})`, "{{job}}")],
    },
    {
      title: "Share of records with errors",
      description: "BatchJobHighErrorRate tells of more than 5 %.",
      kind: "timeseries",
      unit: "percentunit",
      queries: [query(`batch_job:error_ratio{${chosen}}`, "{{job}} {{instance}}")],
    },
  ],
};

const resources: Row = {
  title: "Resources (pushfleet run --resources)",
  height: 9,
  panels: [
    {
      title: "Processor time of the last run",
      description: "Of the job and its children.",
      kind: "timeseries",
      unit: "s",
      queries: [query(`sum by (job, instance) (batch_job_cpu_seconds{${chosen}})`, "{{job}} {{instance}}")],
    },
    {
      title: "Most memory of the last run",
      description: "Resident, of the job and its children together.",
      kind: "timeseries",
      unit: "bytes",
      queries: [query(`batch_job_resident_memory_max_bytes{${chosen}}`, "{{job}} {{instance}}")],
    },
  ],
};

const groups: Row = {
  title: "Groups",
  height: 9,
  panels: [
    {
      title: "Groups by job",
      description:
        "A job with more and more of them has a grouping label that is new each time: give it a TTL.",
      kind: "timeseries",
      unit: "short",
      queries: [query(`topk(20, count by (job) (push_time_seconds{${chosen}}))`, "{{job}}")],
    },
    {
      title: "Since the last push",
      description: "The longest of each job's groups. What nobody pushes to any more can be deleted.",
      kind: "timeseries",
      unit: "s",
      queries: [query(`topk(20, time() - min by (job) (push_time_seconds{${chosen}}))`, "{{job}}")],
    },
    {
      title: "Refused pushes by job",
      description: "Groups whose last push was refused for its content.",
      kind: "timeseries",
      unit: "short",
      queries: [
        query(
          `count by (job) (push_failure_time_seconds{${chosen}} > push_time_seconds{${chosen}})`,
          "{{job}}",
        ),
      ],
    },
  ],
};

export const batchJobsDashboard: Dashboard = {
  uid: "pushfleet-batch-jobs",
  title: "Batch jobs",
  description:
    "What jobs push: which failed, which are overdue, how long they take. Needs the rules of batch-jobs.yml.",
  variables: [{ name: "job", title: "Job", query: "label_values(push_time_seconds, job)" }],
  rows: [now, runs, courses, records, resources, groups],
};
