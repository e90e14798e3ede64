import { LimitExceeded, type Limits } from "@pushfleet/exposition";
import { createPathReader, jobOf, type PathLabels } from "@pushfleet/groups";
import type { Lifetime, PushMode } from "@pushfleet/store";
import type { Handler, Request } from "express";
import { answerError } from "../answer.ts";
import type { Context } from "../context.ts";
import { isRefusedContent } from "../middleware/errors.ts";
import { createPushReader } from "../push-reading/push-reader.ts";
import { requestTimes } from "../request-times.ts";
import { requestTtl } from "../request-ttl.ts";
import { groupPathOf, nameScheme } from "./group-path.ts";

/**
 * PUT (`replace`) and POST (`merge`) of one group. Answers 200 when the store has it. With the consistency check
 * disabled every push that parses and keeps the limits gets 202, also one that was refused for its content. Both modes
 * share what is remembered of earlier pushes.
 */
export function pushes(context: Context): (mode: PushMode) => Handler {
  const { config, access, bodies, liveConfig, throttle, store, log } = context;
  const names = nameScheme(config);
  const unchecked = config["push.disable-consistency-check"];
  const readPath = createPathReader({ names });
  const read = createPushReader({ names });
  const receive = async ({ request, pathLabels, limits }: Incoming) => {
    const { pieces, release } = await bodies.receive(request, limits["push.max-body-size"]);
    try {
      const { "content-encoding": contentEncoding, "content-type": contentType } = request.headers;
      const isWanted = () => !request.socket.destroyed;
      return await read({ pieces, contentEncoding, contentType, pathLabels, limits, isWanted });
    } finally {
      release();
    }
  };
  return (mode) => async (request, response) => {
    const { labels, group } = readPath(groupPathOf(request));
    access.requireGroup(request, "push", group);
    const asked = requestTtl(request);
    if (asked.kind === "refused") return answerError(response, 400, asked.text);
    const told = requestTimes(request);
    if (told.kind === "refused") return answerError(response, 400, told.text);
    if (told.kind === "said") access.requireRole(request, "admin");
    const times = told.kind === "said" ? { times: told.times } : {};
    const lifetime = lifetimeOf(asked.kind === "said" ? asked.ttlMs : liveConfig.ttlMs(group));
    const identity = access.identityOf(request).name ?? "";
    const limits = liveConfig.limits(group, identity);
    await throttle({ job: jobOf(group), identity, limits });
    try {
      const families = await receive({ request, pathLabels: labels, limits });
      await store.push(group, families, { mode, limits, ...lifetime, ...times });
    } catch (error) {
      const isTooMuch = error instanceof LimitExceeded;
      if (!isTooMuch && !isRefusedContent(error)) throw error;
      // A group that is too much already must not come to be by its failure.
      await store.recordFailure(group, { limits, ifMissing: isTooMuch ? "nothing" : "create", ...lifetime });
      log.warn({ group: group.key, method: request.method, err: error }, "push refused");
      if (isTooMuch || !unchecked) throw error;
    }
    response.statusCode = unchecked ? 202 : 200;
    response.end();
  };
}

interface Incoming {
  readonly request: Request;
  readonly pathLabels: PathLabels;
  readonly limits: Limits;
}

/** To users 0 is for ever; to the store a missing time is. */
function lifetimeOf(ttlMs: number): Lifetime {
  return ttlMs === 0 ? {} : { ttlMs };
}
