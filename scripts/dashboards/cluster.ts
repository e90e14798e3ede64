import type { Dashboard, Row } from "./dashboard.ts";
import { query, redIfAny, redIfNearlyFull } from "./panel.ts";
import { redisRow } from "./redis-row.ts";
import { regionsRow } from "./regions-row.ts";

// The jobs of ops/prometheus. An embedded store has its own telemetry beside what was pushed, in the job "pushfleet".
const gateway = 'job=~"pushfleet|pushfleet-gateway"';
const reaper = 'job="pushfleet-reaper"';
const own = 'job=~"pushfleet|pushfleet-gateway|pushfleet-reaper|pushfleet-federator"';

const state: Row = {
  title: "State",
  height: 4,
  panels: [
    {
      title: "Gateways up",
      description: "Those that answer Prometheus. Any one of them takes all pushes and scrapes.",
      kind: "stat",
      unit: "short",
      queries: [query('sum(up{job="pushfleet-gateway"})')],
    },
    {
      title: "Gateways without Redis",
      description: "Up, but the store does not answer them: pushes through them wait.",
      kind: "stat",
      unit: "short",
      queries: [query(`count(pushfleet_store_up{${gateway}}) - sum(pushfleet_store_up{${gateway}})`)],
      thresholds: redIfAny,
    },
    {
      title: "Groups",
      description: "Groups that a scrape shows.",
      kind: "stat",
      unit: "short",
      queries: [query(`max(pushfleet_groups{${gateway}})`)],
    },
    {
      title: "Of --store.max-groups",
      description: "Past it no group can be created.",
      kind: "stat",
      unit: "percentunit",
      queries: [query(`max(pushfleet_groups{${gateway}}) / max(pushfleet_limit{limit="store.max-groups"})`)],
      thresholds: redIfNearlyFull,
    },
    {
      title: "Since the last sweep",
      description:
        "Longer than some seconds: no reaper frees the space of expired groups. Scrapes are exact all the same.",
      kind: "stat",
      unit: "s",
      queries: [query(`time() - max(pushfleet_reaper_last_sweep_timestamp_seconds{${reaper}})`)],
      thresholds: [
        { from: null, color: "green" },
        { from: 60, color: "yellow" },
        { from: 300, color: "red" },
      ],
    },
    {
      title: "Old configurations",
      description: "Gateways that could not use --config.file or --web.config.file when it was last read.",
      kind: "stat",
      unit: "short",
      queries: [
        query(
          `count(pushfleet_config_last_reload_successful{${gateway}} == 0 or pushfleet_web_config_last_reload_successful{${gateway}} == 0) or vector(0)`,
        ),
      ],
      thresholds: redIfAny,
    },
  ],
};

const pushes: Row = {
  title: "Pushes",
  height: 8,
  panels: [
    {
      title: "Pushes and deletions",
      description: "By status of the answer, of all gateways together.",
      kind: "timeseries",
      unit: "reqps",
      queries: [
        query(
          `sum by (code) (rate(pushgateway_http_requests_total{${gateway},handler=~"push|delete"}[$__rate_interval]))`,
          "{{code}}",
        ),
      ],
    },
    {
      title: "Push duration, median and 90 %",
      description: "Of the slowest gateway. Includes the time that a push waits through a failover.",
      kind: "timeseries",
      unit: "s",
      queries: [
        query(
          `max by (quantile) (pushgateway_http_push_duration_seconds{${gateway},quantile=~"0.5|0.9"})`,
          "{{quantile}}",
        ),
      ],
    },
    {
      title: "Bytes pushed",
      description: "As sent, so compressed where jobs compress.",
      kind: "timeseries",
      unit: "Bps",
      queries: [
        query(
          `sum by (instance) (rate(pushgateway_http_push_size_bytes_sum{${gateway}}[$__rate_interval]))`,
          "{{instance}}",
        ),
      ],
    },
    {
      title: "Refused by a limit",
      description: "Which limit, by its option. The gateways' logs and the answers name the jobs.",
      kind: "timeseries",
      unit: "reqps",
      queries: [
        query(
          `sum by (limit) (rate(pushfleet_limit_exceeded_total{${gateway}}[$__rate_interval]))`,
          "{{limit}}",
        ),
      ],
    },
  ],
};

const scrapes: Row = {
  title: "Scrapes",
  height: 8,
  panels: [
    {
      title: "Age of the view",
      description: "How old what a gateway serves is. Below a second, unless it does not reach Redis.",
      kind: "timeseries",
      unit: "s",
      queries: [query(`pushfleet_view_age_seconds{${gateway}}`, "{{instance}}")],
    },
    {
      title: "Duration of Prometheus' scrapes",
      description: "As Prometheus sees them, with the load balancer and the network.",
      kind: "timeseries",
      unit: "s",
      queries: [query(`scrape_duration_seconds{${own}}`, "{{job}} {{instance}}")],
    },
    {
      title: "Samples of pushed metrics",
      description: "What one scrape brings.",
      kind: "timeseries",
      unit: "short",
      queries: [query('scrape_samples_scraped{job="pushfleet"}', "{{instance}}")],
    },
  ],
};

const connections: Row = {
  title: "Connections",
  height: 8,
  panels: [
    {
      title: "Open connections",
      description: "Of what --web.max-connections allows.",
      kind: "timeseries",
      unit: "percentunit",
      queries: [
        query(`pushfleet_connections{${gateway}} / pushfleet_max_connections{${gateway}}`, "{{instance}}"),
      ],
    },
    {
      title: "Connections closed, for there were too many",
      description: "Those whose clients kept the gateway waiting for longest.",
      kind: "timeseries",
      unit: "cps",
      queries: [
        query(`rate(pushfleet_connections_dropped_total{${gateway}}[$__rate_interval])`, "{{instance}}"),
      ],
    },
    {
      title: "Clients that follow events",
      description: "Pages of the web UI, and whatever else reads /api/v1/events.",
      kind: "timeseries",
      unit: "short",
      queries: [query(`pushfleet_event_clients{${gateway}}`, "{{instance}}")],
    },
  ],
};

const reapers: Row = {
  title: "Reapers",
  height: 8,
  panels: [
    {
      title: "Groups expired",
      description: "Groups whose space was freed. They were gone from scrapes before.",
      kind: "timeseries",
      unit: "cps",
      queries: [
        query(
          `sum(rate(pushfleet_reaper_groups_expired_total{${reaper}}[$__rate_interval]))`,
          "groups a second",
        ),
      ],
    },
    {
      title: "Sweeps",
      description: "One for each --sweep.interval, by whichever reaper has its turn.",
      kind: "timeseries",
      unit: "cps",
      queries: [query(`rate(pushfleet_reaper_sweeps_total{${reaper}}[$__rate_interval])`, "{{instance}}")],
    },
    {
      title: "Duration of sweeps, 90 %",
      description: "With the hourly audit.",
      kind: "timeseries",
      unit: "s",
      queries: [query(`pushfleet_reaper_sweep_duration_seconds{${reaper},quantile="0.9"}`, "{{instance}}")],
    },
    {
      title: "Differences found by audits",
      description: "Counts in Redis that differed from its groups, and were corrected. It should stay at 0.",
      kind: "timeseries",
      unit: "short",
      queries: [query(`sum(pushfleet_reaper_audit_differences_total{${reaper}})`, "differences")],
    },
  ],
};

const processes: Row = {
  title: "Processes",
  height: 8,
  panels: [
    {
      title: "Resident memory",
      description: "120 MiB and ten times the exposition leave room for busy moments.",
      kind: "timeseries",
      unit: "bytes",
      queries: [query(`pushfleet_process_resident_memory_bytes{${own}}`, "{{instance}}")],
    },
    {
      title: "Processor time",
      description: "A gateway uses one processor.",
      kind: "timeseries",
      unit: "percentunit",
      queries: [query(`rate(pushfleet_process_cpu_seconds_total{${own}}[$__rate_interval])`, "{{instance}}")],
    },
    {
      title: "Delay of the event loop, 99 %",
      description: "How long a request may wait for another one's work.",
      kind: "timeseries",
      unit: "s",
      queries: [query(`pushfleet_nodejs_eventloop_lag_p99_seconds{${own}}`, "{{instance}}")],
    },
    {
      title: "Open files",
      description: "Each connection is one. Of what the system allows the process.",
      kind: "timeseries",
      unit: "percentunit",
      queries: [
        query(`pushfleet_process_open_fds{${own}} / pushfleet_process_max_fds{${own}}`, "{{instance}}"),
      ],
    },
  ],
};

export const clusterDashboard: Dashboard = {
  uid: "pushfleet",
  title: "Pushfleet",
  description:
    "The cluster itself: gateways, reapers, federators and Redis. What jobs push is on the dashboard Batch jobs.",
  variables: [],
  rows: [state, pushes, scrapes, connections, reapers, regionsRow, processes, redisRow],
};
