import type { Handler } from "express";
import { answerError } from "../answer.ts";
import type { Context } from "../context.ts";

/**
 * The headers and the rate limit of `--web.config.file`. Health checks do not count for the limit, or a flood would take
 * one replica after the other from its load balancer, unless `--web.auth-health` treats them as all else.
 */
export function applyWebConfig({
  config,
  paths: { prefix },
  webConfig,
  audit,
}: Pick<Context, "config" | "paths" | "webConfig" | "audit">): Handler {
  const unlimited = new Set(config["web.auth-health"] ? [] : [`${prefix}/-/healthy`, `${prefix}/-/ready`]);
  return (request, response, next) => {
    const { headers, rateLimit } = webConfig.current();
    for (const [name, value] of headers) response.setHeader(name, value);
    if (rateLimit === undefined || unlimited.has(request.path) || rateLimit.take()) return next();
    const reason = "Too Many Requests";
    audit.reason(response, reason);
    response.setHeader("Retry-After", "1");
    answerError(response, 429, reason);
  };
}
