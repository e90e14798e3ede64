import type { Handler } from "express";
import { answerData } from "../api/answer.ts";
import type { Context } from "../context.ts";

/** GET /api/v1/status, in upstream's shape; `goVersion` names our runtime. */
export function statusApi({ build, settings, startedAt }: Context): Handler {
  const data = {
    build_information: {
      branch: build.branch,
      buildDate: "",
      buildUser: "",
      goVersion: `node${process.versions.node}`,
      revision: build.revision,
      version: build.version,
    },
    flags: Object.fromEntries(settings),
    start_time: startedAt.toISOString(),
  };
  return (_request, response) => {
    answerData(response, data);
  };
}
