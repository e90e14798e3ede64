import { createTextParser, decodeProtobuf, decompress, LimitExceeded } from "@pushfleet/exposition";
import { createAdmission, createPathReader, jobOf } from "@pushfleet/groups";
import type { Lifetime, PushMode } from "@pushfleet/store";
import type { Handler, Request } from "express";
import { answerError } from "../answer.ts";
import { readBody } from "../body.ts";
import type { Context } from "../context.ts";
import { isRefusedContent } from "../middleware/errors.ts";
import { requestTtl } from "../request-ttl.ts";
import { groupPathOf, nameScheme } from "./group-path.ts";

/**
 * PUT (`replace`) and POST (`merge`) of one group. Answers 200 when the store has it. With the consistency check
 * disabled every push that parses and keeps the limits gets 202, also one that was refused for its content. Both modes
 * share what is remembered of earlier pushes.
 */
export function pushes(context: Context): (mode: PushMode) => Handler {
  const { config, access, liveConfig, throttle, store, log } = context;
  const names = nameScheme(config);
  const unchecked = config["push.disable-consistency-check"];
  const readPath = createPathReader({ names });
  const parseText = createTextParser({ names });
  const admit = createAdmission();
  return (mode) => async (request, response) => {
    const { labels, group } = readPath(groupPathOf(request));
    access.requireGroup(request, "push", group);
    const asked = requestTtl(request);
    if (asked.kind === "refused") return answerError(response, 400, asked.text);
    const lifetime = lifetimeOf(asked.kind === "said" ? asked.ttlMs : liveConfig.ttlMs(group));
    const identity = access.identityOf(request).name ?? "";
    const limits = liveConfig.limits(group, identity);
    await throttle({ job: jobOf(group), identity, limits });
    try {
      const body = await readContent(request, limits["push.max-body-size"]);
      const families = isProtobuf(request.headers["content-type"])
        ? decodeProtobuf(body, limits)
        : parseText(body, limits);
      await store.push(group, admit(families, labels, limits), { mode, limits, ...lifetime });
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

/** The body as it was before it was compressed, which is limited either way. */
async function readContent(request: Request, maxBytes: number): Promise<Uint8Array> {
  const received = await readBody(request, maxBytes);
  const encoding = request.headers["content-encoding"];
  return encoding === undefined ? received : await decompress(received, encoding, maxBytes);
}

/** To users 0 is for ever; to the store a missing time is. */
function lifetimeOf(ttlMs: number): Lifetime {
  return ttlMs === 0 ? {} : { ttlMs };
}

/** Exactly what upstream takes for protobuf; every other content type, or none, is read as text. */
function isProtobuf(contentType: string | undefined): boolean {
  if (contentType === undefined || !/protobuf/i.test(contentType)) return false;
  const [type, ...parameters] = contentType.split(";").map((part) => part.trim().toLowerCase());
  const given = new Set(parameters.map((parameter) => parameter.replaceAll(/[\s"]/g, "")));
  return (
    type === "application/vnd.google.protobuf" &&
    given.has("encoding=delimited") &&
    given.has("proto=io.prometheus.client.metricfamily")
  );
}
