import { readRequest, requestText } from "../request-text.ts";
import { flags, RequestRefused, requireNoErrors, taken } from "../requests.ts";
import { type Check, longestHead, type Session, type Target } from "../target.ts";
import { openWireGateway } from "../wire-gateway.ts";
import { tellingNames, tellingTexts } from "../words.ts";

/** Requests to the query API of a gateway that holds some groups; nothing is changed. */
export const api: Target = {
  name: "api",
  refusals: [RequestRefused],
  words: [
    ...tellingNames,
    ...tellingTexts,
    "GET /api/v1/groups?",
    "GET /api/v1/jobs?",
    "GET /api/v1/metrics?",
    "match[]=",
    "{job=~%22a%22}",
    "&sort=last_push",
    "&order=asc",
    "&cursor=",
    cursor(["groups", "last_push", "desc", "0"]),
    cursor(["groups", "job", "asc", "a\n{job"]),
    cursor(["jobs", "job", "asc", "\ud800"]),
    "&limit=1",
    "&stale=1h",
    "&failed=true",
    "&search=",
    "&",
    "=",
  ],
  longest: longestHead,
  sessionLength: 1_000,
  seeds: () =>
    [
      "groups?match[]={job=~%22a.*%22}&sort=job&order=desc&limit=1&search=a&failed=false&stale=1h&expiring=1m",
      `groups?cursor=${cursor(["groups", "last_push", "desc", "0"])}`,
      `jobs?sort=series&cursor=${cursor(["jobs", "series", "desc", "0000000000000001\na"])}&failing=true`,
      "groups/AAAAAAAAAAAAAAAAAAAAAA",
      "metrics",
      "status",
      "cluster",
      "openapi.yaml",
    ].map((path) => requestText(`GET /api/v1/${path}`)),
  open: openSession,
};

async function openSession(): Promise<Session> {
  const opened = await openWireGateway(flags);
  for (const path of ["a", "a/x/1", "b", "__proto__", "c/U__my_2e_name/%C3%A4"])
    await taken(opened, requestText(`PUT /metrics/job/${path}`, {}, "m 1\n"));
  return {
    async take(input): Promise<Check> {
      const { url } = readRequest(input);
      const path = url.startsWith("/api/") ? url : `/api/v1/groups?${url}`;
      const { head, body } = await taken(opened, requestText(`GET ${path}`));
      return () => {
        requireNoErrors(opened);
        if (/^content-type: application\/json/im.test(head)) JSON.parse(body.toString());
      };
    },
    refused: () => requireNoErrors(opened),
    close: async () => opened[Symbol.asyncDispose](),
  };
}

function cursor(content: unknown): string {
  return Buffer.from(JSON.stringify(content)).toString("base64url");
}
