import type { Handler } from "express";
import type { Context } from "../context.ts";

/** PUT /api/v1/admin/wipe: deletes every group, then answers 202. */
export function wipe({ store, log }: Context): Handler {
  return async (_request, response) => {
    const groups = await store.wipe();
    log.warn({ groups }, "wiped");
    response.statusCode = 202;
    response.end();
  };
}
