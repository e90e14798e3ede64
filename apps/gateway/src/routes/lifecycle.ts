import type { Handler } from "express";
import type { Context } from "../context.ts";

/** PUT or POST /-/quit: stops this replica, when --web.enable-lifecycle allows it. Texts as upstream. */
export function quit({ config, requestStop }: Context): Handler {
  if (!config["web.enable-lifecycle"]) {
    return (_request, response) => {
      response.statusCode = 403;
      response.end("Lifecycle API is not enabled.");
    };
  }
  return (_request, response) => {
    response.setHeader("Connection", "close");
    response.end("Requesting termination... Goodbye!");
    response.on("close", () => requestStop("told to quit over HTTP"));
  };
}

export const explainQuit: Handler = (_request, response) => {
  response.statusCode = 405;
  response.end("Only POST or PUT requests allowed.");
};
