import type { Handler } from "express";
import { answerError, answerText } from "../answer.ts";
import type { Context } from "../context.ts";

/** The process lives; says nothing about the store, so that an orchestrator does not kill replicas for Redis' sake. */
export const healthy: Handler = (_request, response) => {
  answerText(response, 200, "OK");
};

/** This replica can take a push now: it is not stopping, and the store answers. */
export function ready({ store, isStopping }: Context): Handler {
  return async (_request, response) => {
    if (isStopping()) return answerError(response, 503, "stopping");
    await store.ready();
    answerText(response, 200, "OK");
  };
}
