import type { Handler } from "express";
import type { Context } from "../context.ts";
import { TooManyRequests } from "../web-config/rate-limit.ts";

/**
 * The headers and the rate limit of `--web.config.file`. Health checks do not count for the limit, or a flood would take
 * one replica after the other from its load balancer, unless `--web.auth-health` treats them as all else.
 */
export function applyWebConfig({
  config,
  paths: { prefix },
  webConfig,
}: Pick<Context, "config" | "paths" | "webConfig">): Handler {
  const unlimited = new Set(config["web.auth-health"] ? [] : [`${prefix}/-/healthy`, `${prefix}/-/ready`]);
  return (request, response, next) => {
    const { headers, rateLimit } = webConfig.current();
    for (const [name, value] of headers) response.setHeader(name, value);
    if (rateLimit === undefined || unlimited.has(request.path) || rateLimit.take()) return next();
    throw new TooManyRequests();
  };
}
