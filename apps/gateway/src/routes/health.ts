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
 *
 * Load balancers ask several times a second and do not wait long: the answer costs the same whatever has changed, and a store that
 * keeps silent does not delay it while there is something to serve.
 */
export function ready({ store, readings, isStopping }: Context): Handler {
  const served = new Set([readings.scraped, readings.all]);
  return async (_request, response) => {
    if (isStopping()) return answerError(response, 503, "stopping");
    for (const { view, prepare } of served) {
      await prepare().catch((error: unknown) => {
        if (view.ageMs === undefined) throw error;
        return store.ready();
      });
    }
    answerText(response, 200, "OK");
  };
}
