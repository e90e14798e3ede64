import { flag, list, value } from "./option.ts";
import {
  countFromZero,
  formatListenAddress,
  hostPort,
  maskSecret,
  redactUrl,
  redisUrl,
  text,
} from "./values.ts";

/** How to reach Redis: the same for every program of a cluster. */
export const redisOptions = {
  "redis.url": value(redisUrl, "", {
    placeholder: "URL",
    help: "Keep the groups in this Redis (redis://… or rediss://…), shared by all replicas. Empty, and without --redis.sentinels: the embedded store.",
    format: redactUrl,
  }),
  "redis.sentinels": list(hostPort, [], {
    placeholder: "HOST:PORT",
    format: formatListenAddress,
    help: "Ask these Redis Sentinels where the primary is, instead of --redis.url. Repeatable.",
  }),
  "redis.master-name": value(text, "pushfleet", {
    placeholder: "NAME",
    help: "Name under which the Sentinels watch the primary.",
  }),
  "redis.username": value(text, "", {
    placeholder: "NAME",
    help: "User of Redis (ACL), unless --redis.url has one.",
  }),
  "redis.password": value(text, "", {
    placeholder: "PASSWORD",
    format: maskSecret,
    help: "Password of Redis, unless --redis.url has one. The environment variable keeps it out of process lists.",
  }),
  "redis.password-file": value(text, "", {
    placeholder: "FILE",
    help: "File with the password of Redis instead of --redis.password; white space at its end does not count.",
  }),
  "redis.database": value(countFromZero, 0, {
    placeholder: "NUMBER",
    help: "Number of the Redis database, unless --redis.url has one.",
  }),
  "redis.sentinel-username": value(text, "", {
    placeholder: "NAME",
    help: "User of the Sentinels, if they want one.",
  }),
  "redis.sentinel-password": value(text, "", {
    placeholder: "PASSWORD",
    format: maskSecret,
    help: "Password of the Sentinels, if they want one.",
  }),
  "redis.sentinel-password-file": value(text, "", {
    placeholder: "FILE",
    help: "File with the password of the Sentinels instead of --redis.sentinel-password; white space at its end does not count.",
  }),
  "redis.tls": flag(false, {
    help: "Speak TLS to Redis and to the Sentinels. rediss:// in a URL does the same.",
  }),
  "redis.tls-ca-file": value(text, "", {
    placeholder: "FILE",
    help: "Certificate authorities to trust for Redis and the Sentinels (PEM) instead of the well-known ones.",
  }),
  "redis.tls-cert-file": value(text, "", {
    placeholder: "FILE",
    help: "Client certificate to show to Redis and the Sentinels (PEM), with --redis.tls-key-file.",
  }),
  "redis.tls-key-file": value(text, "", {
    placeholder: "FILE",
    help: "Key of the client certificate (PEM), without a passphrase.",
  }),
} as const;
