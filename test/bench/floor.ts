/**
 * The floor: the least that Express and ioredis can do for a push, one trivial Lua write of the same bytes. What a push
 * costs above this is ours. Arguments: port to listen on, URL of Redis.
 */
import { createHash } from "node:crypto";
import { argv } from "node:process";
import express from "express";
import { Redis } from "ioredis";

const [port, redisUrl] = argv.slice(2);
if (port === undefined || redisUrl === undefined) throw new Error("usage: floor.ts PORT REDIS_URL");

const script = "return redis.call('SET', KEYS[1], ARGV[1])";
// The settings of the Redis store's own connection.
const redis = new Redis(redisUrl, {
  protocol: 2,
  socketTimeout: 5_000,
  autoResendUnfulfilledCommands: false,
});
await redis.script("LOAD", script);
const sha = createHash("sha1").update(script).digest("hex");

const app = express();
app.disable("x-powered-by");
app.put(
  "/metrics/job/:job/instance/:instance",
  express.raw({ type: () => true }),
  async (request, response) => {
    await redis.evalsha(sha, 1, request.path, request.body);
    response.end();
  },
);
app.get("/-/ready", (_request, response) => void response.end());
app.listen(Number(port), "127.0.0.1");
