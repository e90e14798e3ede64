import { createTextParser, decodeProtobuf, decompress } from "@pushfleet/exposition";
import { createAdmission, createPathReader } from "@pushfleet/groups";
import type { Lifetime, PushMode } from "@pushfleet/store";
import type { Handler } from "express";
import { answerError } from "../answer.ts";
import { readBody } from "../body.ts";
import type { Context } from "../context.ts";
import { isRefusedContent } from "../middleware/errors.ts";
import { requestTtl } from "../request-ttl.ts";
import { groupPathOf, nameScheme } from "./group-path.ts";

/**
 * PUT (`replace`) and POST (`merge`) of one group. Answers 200 when the store has it. With the consistency check
 * disabled every push that parses gets 202, also one that was refused for its content. Both modes share what is
 * remembered of earlier pushes.
 */
export function pushes({ config, access, liveConfig, store, log }: Context): (mode: PushMode) => Handler {
  const names = nameScheme(config);
  const maxBytes = config["push.max-body-size"];
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
    const received = await readBody(request, maxBytes);
    const encoding = request.headers["content-encoding"];
    const body = encoding === undefined ? received : await decompress(received, encoding, maxBytes);
    const families = isProtobuf(request.headers["content-type"]) ? decodeProtobuf(body) : parseText(body);
    try {
      await store.push(group, admit(families, labels), { mode, ...lifetime });
    } catch (error) {
      if (!isRefusedContent(error)) throw error;
      await store.recordFailure(group, lifetime);
      log.warn({ group: group.key, method: request.method, err: error }, "push refused");
      if (!unchecked) throw error;
    }
    response.statusCode = unchecked ? 202 : 200;
    response.end();
  };
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
