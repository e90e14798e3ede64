import type { Handler } from "express";
import { answerError, answerText } from "../answer.ts";
import type { Context } from "../context.ts";

/**
 * PUT or POST /-/reload: reads --config.file and --web.config.file again, when --web.enable-lifecycle allows it. 500 when one
 * cannot be used.
 */
export function reload({
  config,
  liveConfig,
  webConfig,
}: Pick<Context, "config" | "liveConfig" | "webConfig">): Handler {
  if (!config["web.enable-lifecycle"]) {
    return (_request, response) => {
      answerText(response, 403, "Lifecycle API is not enabled.");
    };
  }
  return (_request, response) => {
    const reloads = [liveConfig.reload(), webConfig.reload()];
    const reasons = reloads.flatMap((result) => (result.kind === "refused" ? [result.reason] : []));
    if (reasons.length > 0) answerError(response, 500, `failed to reload config: ${reasons.join("; ")}`);
    else answerText(response, 200, "");
  };
}
