import type { Handler } from "express";
import { answerError, answerText } from "../answer.ts";
import type { Context } from "../context.ts";

/** The process lives; says nothing about the store, so that an orchestrator does not kill replicas for Redis' sake. */
export const healthy: Handler = (_request, response) => {
  answerText(response, 200, "OK");
};

/**
 * A load balancer may send pushes and scrapes here: the replica is not stopping, and it can serve a scrape or, if its view
 * has become too old for that, take a push. A new replica is ready once it knows all groups.
 */
export function ready({ store, readings, isStopping }: Context): Handler {
  const { view, serve } = readings.all;
  const scraped = readings.scraped.view;
  return async (_request, response) => {
    if (isStopping()) return answerError(response, 503, "stopping");
    if (scraped.ageMs === undefined) await scraped.sync();
    if (view.ageMs === undefined) await view.sync();
    else await serve().catch(() => store.ready());
    answerText(response, 200, "OK");
  };
}
