import { groupOf, parseGroupPath } from "@pushfleet/groups";
import type { Handler } from "express";
import type { Context } from "../context.ts";
import { groupPathOf, nameScheme } from "./group-path.ts";

/** DELETE of one group: 202 also when there is none, and whatever the body, as upstream; but applied before the answer. */
export function deleteGroup({ config, store }: Context): Handler {
  const names = nameScheme(config);
  return async (request, response) => {
    await store.delete(groupOf(parseGroupPath(groupPathOf(request), { names })).id);
    response.statusCode = 202;
    response.end();
  };
}
