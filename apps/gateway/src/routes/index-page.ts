import type { Handler } from "express";
import { answerText } from "../answer.ts";
import type { Context } from "../context.ts";

/** GET /: tells whoever looks that the gateway runs, and where to go on. */
export function indexPage({ build, paths }: Context): Handler {
  const text = `Pushfleet gateway ${build.version}

push     curl --data-binary @metrics.txt http://HOST:PORT${paths.prefix}/metrics/job/JOB/instance/INSTANCE
scrape   ${paths.telemetry}
groups   ${paths.prefix}/api/v1/metrics
status   ${paths.prefix}/api/v1/status
own      ${paths.prefix}/-/metrics
health   ${paths.prefix}/-/healthy  ${paths.prefix}/-/ready
`;
  return (_request, response) => {
    answerText(response, 200, text);
  };
}
