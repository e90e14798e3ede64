import { gzipSync } from "node:zlib";
import { PROTOBUF } from "../conformance/protobuf.ts";

export interface PushRequest {
  /** Absent = PUT. */
  readonly method?: "PUT" | "POST" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** Seconds; undefined without the header. */
  readonly retryAfter: number | undefined;
}

/** Pushes to `/metrics/job/…`; `path` begins with the job. */
export async function push(
  url: string,
  path: string,
  body: string | Uint8Array = "m 1\n",
  { method = "PUT", headers = {} }: PushRequest = {},
): Promise<Answer> {
  const request = { method, headers, ...(method === "DELETE" ? {} : { body }) };
  const response = await fetch(`${url}/metrics/job/${path}`, request);
  const retryAfter = response.headers.get("Retry-After");
  return {
    status: response.status,
    text: await response.text(),
    retryAfter: retryAfter === null ? undefined : Number(retryAfter),
  };
}

/** How many of the answers have each status. */
export function statuses(answers: readonly Pick<Answer, "status">[]): Readonly<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** How a body can be sent. */
export const forms = {
  text: { encode: (body: Uint8Array) => body, headers: {} },
  "text in gzip": { encode: gzipSync, headers: { "Content-Encoding": "gzip" } },
  protobuf: { encode: (body: Uint8Array) => body, headers: { "Content-Type": PROTOBUF } },
  "protobuf in gzip": {
    encode: gzipSync,
    headers: { "Content-Type": PROTOBUF, "Content-Encoding": "gzip" },
  },
} as const;

/** Requests that the limit has refused, as the gateway tells of itself. */
export async function refusals(url: string, limit: string): Promise<number> {
  const text = await (await fetch(`${url}/-/metrics`)).text();
  return Number(
    new RegExp(`^pushfleet_limit_exceeded_total\\{limit="${limit}"\\} (.*)$`, "m").exec(text)?.[1],
  );
}

/** The sample lines of a scrape that somebody pushed, without their values. */
export async function scrapedSeries(url: string): Promise<readonly string[]> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return text
    .split("\n")
    .filter(
      (line) => line !== "" && !/^(?:#|pushfleet_|pushgateway_|push_(?:failure_)?time_seconds)/.test(line),
    )
    .map((line) => line.slice(0, line.lastIndexOf(" ")));
}
