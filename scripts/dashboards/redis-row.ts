import type { Row } from "./dashboard.ts";
import { query } from "./panel.ts";

/** What redis_exporter tells of the Redis behind the gateways; empty without it. */
export const redisRow: Row = {
  title: 'Redis (redis_exporter, job "redis")',
  height: 8,
  panels: [
    {
      title: "Replicas of the primary",
      description: "Pushes need as many as --redis.acks says.",
      kind: "timeseries",
      unit: "short",
      queries: [query('max(redis_connected_slaves{job="redis"})', "replicas")],
    },
    {
      title: "Bytes that replicas lack",
      description: "What the primary has written and they have not confirmed.",
      kind: "timeseries",
      unit: "bytes",
      queries: [
        query(
          'redis_master_repl_offset{job="redis"} - on (instance) group_right () redis_connected_slave_offset_bytes{job="redis"}',
          "{{slave_ip}}:{{slave_port}}",
        ),
      ],
    },
    {
      title: "Memory",
      description: "Four times the exposition, for copying to replicas and rewriting the append-only file.",
      kind: "timeseries",
      unit: "bytes",
      queries: [query('redis_memory_used_bytes{job="redis"}', "{{instance}}")],
    },
    {
      title: "Commands",
      description: "Of all clients together.",
      kind: "timeseries",
      unit: "ops",
      queries: [query('rate(redis_commands_processed_total{job="redis"}[$__rate_interval])', "{{instance}}")],
    },
  ],
};
