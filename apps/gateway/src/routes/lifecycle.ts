import type { Handler } from "express";
import { answerText } from "../answer.ts";
import type { Context } from "../context.ts";

/** PUT or POST /-/quit: stops this replica, when --web.enable-lifecycle allows it. Texts as upstream. */
export function quit({ config, requestStop }: Context): Handler {
  if (!config["web.enable-lifecycle"]) {
    return (_request, response) => {
      answerText(response, 403, "Lifecycle API is not enabled.");
    };
  }
  return (_request, response) => {
    response.setHeader("Connection", "close");
    response.on("close", () => requestStop("told to quit over HTTP"));
    answerText(response, 200, "Requesting termination... Goodbye!");
  };
}

export const explainQuit: Handler = (_request, response) => {
  answerText(response, 405, "Only POST or PUT requests allowed.");
};
