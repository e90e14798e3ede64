import { gatewayFederationOptions } from "./federation-options.ts";
import { limitOptions } from "./limit-options.ts";
import { flag, list, type Option, oneOf, value } from "./option.ts";
import { redisOptions } from "./redis-options.ts";
import { securityOptions } from "./security-options.ts";
import {
  byteSize,
  countFromOne,
  countFromZero,
  duration,
  durationAboveZero,
  externalUrl,
  formatByteSize,
  formatDuration,
  formatListenAddress,
  listenAddress,
  pathPrefix,
  redactUrl,
  text,
} from "./values.ts";

/** Every option of the gateway, once. The names are the flags; order is the order of the help text. */
export const gatewayOptions = {
  "web.listen-address": list(listenAddress, [{ host: "", port: 9091 }], {
    upstream: true,
    placeholder: "HOST:PORT",
    format: formatListenAddress,
    help: "Address to listen on for pushes, scrapes and the API. Repeatable.",
  }),
  "web.systemd-socket": flag(false, {
    upstream: true,
    help: "Listen on the socket that systemd hands over instead of the addresses.",
  }),
  "web.config.file": value(text, "", {
    upstream: true,
    placeholder: "FILE",
    help: "File that turns on TLS, basic authentication, HTTP headers and a rate limit, in the format of Prometheus' exporters. Read again when it or a file it names changes, on SIGHUP and on POST or PUT to /-/reload.",
  }),
  "web.auth-health": flag(false, {
    help: "Treat /-/healthy and /-/ready as all else: --web.config.file asks them for credentials and counts them for its rate limit, as with Pushgateway.",
  }),
  "web.telemetry-path": value(text, "/metrics", {
    upstream: true,
    placeholder: "PATH",
    help: "Path of the scrape. Pushes always go to /metrics/job/….",
  }),
  "web.external-url": value(externalUrl, "", {
    upstream: true,
    placeholder: "URL",
    format: redactUrl,
    help: "URL under which the gateway is reached from outside; its path is the default of --web.route-prefix.",
  }),
  "web.route-prefix": value<string | null>(pathPrefix, null, {
    upstream: true,
    placeholder: "PATH",
    help: "Prefix of all paths. Default: the path of --web.external-url.",
  }),
  "web.drain-time": value(duration, 2_000, {
    placeholder: "DURATION",
    format: formatDuration,
    help: "With Redis: how long a replica that was told to stop still takes requests, while /-/ready answers 503, so that the load balancer can notice. Without Redis there is no other replica, and it stops at once.",
  }),
  "web.max-connections": value(countFromOne, 5_000, {
    placeholder: "COUNT",
    help: "How many connections may be open at a time. In place of one too many, the one is closed whose client has kept the gateway waiting for longest.",
  }),
  "web.max-body-memory": value(byteSize, 256 * 1024 * 1024, {
    placeholder: "SIZE",
    format: formatByteSize,
    help: "How many bytes of bodies may be held at a time while they arrive and are read. In favour of others, the one that has been arriving for longest gets 503.",
  }),
  "web.read-timeout": value(durationAboveZero, 300_000, {
    placeholder: "DURATION",
    format: formatDuration,
    help: "How long a request may take to arrive with its body, and an answer to be read on. Headers must be there within ten seconds of it.",
  }),
  "web.max-event-clients": value(countFromZero, 1_000, {
    placeholder: "COUNT",
    help: "How many clients may follow /api/v1/events of this replica at a time.",
  }),
  "web.enable-lifecycle": flag(false, {
    upstream: true,
    help: "Allow shutting down by PUT or POST to /-/quit, and reloading --config.file and --web.config.file by /-/reload.",
  }),
  "web.enable-admin-api": flag(false, {
    upstream: true,
    help: "Allow deleting everything by PUT to /api/v1/admin/wipe.",
  }),
  "config.file": value(text, "", {
    placeholder: "FILE",
    help: "YAML file with rules for access, limits and the time to live of groups. Read again on SIGHUP and on POST or PUT to /-/reload.",
  }),
  "persistence.file": value(text, "", {
    upstream: true,
    placeholder: "FILE",
    help: "Database file of the embedded store; a push is answered when it is on disk. Empty: memory only. Not used with Redis.",
  }),
  "persistence.interval": value(duration, 300_000, {
    upstream: true,
    placeholder: "DURATION",
    format: formatDuration,
    help: "Accepted for compatibility and without effect: every push is on disk before it is answered.",
  }),
  "push.disable-consistency-check": flag(false, {
    upstream: true,
    help: "Answer every push that parses with 202, whether or not it is consistent. Inconsistent ones are still refused, and show in push_failure_time_seconds.",
  }),
  "push.enable-utf8-names": flag(false, {
    upstream: true,
    help: "Allow any UTF-8 in metric and label names, and U__ escapes in URLs.",
  }),
  "push.ttl": value(duration, 0, {
    placeholder: "DURATION",
    format: formatDuration,
    help: "A group is gone so long after its last push, unless the push itself or a rule in --config.file says otherwise. 0: never.",
  }),
  "push.timeout": value(duration, 15_000, {
    placeholder: "DURATION",
    format: formatDuration,
    help: "How long a push or delete waits for an unavailable Redis, such as during a failover, before it gets 503.",
  }),
  "scrape.max-staleness": value(duration, 300_000, {
    placeholder: "DURATION",
    format: formatDuration,
    help: "While Redis is unavailable, scrapes show what was last known for so long; then they get 503.",
  }),
  ...gatewayFederationOptions,
  ...limitOptions,
  ...securityOptions,
  ...redisOptions,
  "redis.acks": value(countFromZero, 0, {
    placeholder: "COUNT",
    help: "Replicas of Redis that must hold a push before it is answered. 0: the primary's word is enough, and a failover may lose the last pushes.",
  }),
  "log.level": oneOf(["debug", "info", "warn", "error"], "info", {
    upstream: true,
    help: "Log only messages of this severity and above.",
  }),
  "log.format": oneOf(["logfmt", "json"], "logfmt", {
    upstream: true,
    help: "Form of the log lines.",
  }),
} as const satisfies Record<string, Option<unknown>>;

/** The settings of one gateway, checked. */
export type GatewayConfig = {
  readonly [K in keyof typeof gatewayOptions]: (typeof gatewayOptions)[K] extends Option<infer T> ? T : never;
};
