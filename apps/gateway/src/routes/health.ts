import type { Handler } from "express";
import { answerText } from "../answer.ts";
import type { Context } from "../context.ts";

/** The process lives; says nothing about the store, so that an orchestrator does not kill replicas for Redis' sake. */
export const healthy: Handler = (_request, response) => {
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.end("OK");
};

/** This replica can take a push now: it is not stopping, and the store answers. */
export function ready({ store, isStopping }: Context): Handler {
  return async (_request, response) => {
    if (isStopping()) return answerText(response, 503, "stopping\n");
    await store.ready();
    response.setHeader("Content-Type", "text/plain; charset=utf-8");
    response.end("OK");
  };
}
