import type { Handler } from "express";
import { answerError, answerText } from "../answer.ts";
import type { Context } from "../context.ts";

/** PUT or POST /-/reload: reads --config.file again, when --web.enable-lifecycle allows it. 500 when it cannot be used. */
export function reload({ config, liveConfig }: Pick<Context, "config" | "liveConfig">): Handler {
  if (!config["web.enable-lifecycle"]) {
    return (_request, response) => {
      answerText(response, 403, "Lifecycle API is not enabled.");
    };
  }
  return (_request, response) => {
    const result = liveConfig.reload();
    if (result.kind === "refused") answerError(response, 500, `failed to reload config: ${result.reason}`);
    else answerText(response, 200, "");
  };
}
