/** What every kind of answer tells browsers and caches. */
import { once } from "node:events";
import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const started = new AsyncDisposableStack();
let port: string;
let script = "";
beforeAll(async () => {
  const gateway = started.use(await startGateway({ flags: ["--web.enable-admin-api"] }));
  ({ port } = new URL(gateway.url));
  script = /src="\.\/(assets\/[^"]+\.js)"/.exec((await ask("GET /")).body)?.[1] ?? "";
});
afterAll(() => started.disposeAsync());

/** Of a stream without an end the head, and nothing of the body. */
async function ask(line: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const [method = "", path = ""] = line.split(" ");
  const target = path.replace("SCRIPT", script);
  const asking = request({ host: "127.0.0.1", port, method, path: target, headers, agent: false });
  asking.end(method === "PUT" || method === "POST" ? "m 1\n" : undefined);
  const [answer] = (await once(asking, "response")) as [IncomingMessage]; // what this event brings
  const isStream = answer.headers["content-type"] === "text/event-stream";
  const body = isStream ? "" : await text(answer);
  if (isStream) answer.destroy();
  return { status: answer.statusCode ?? 0, headers: answer.headers, body };
}

/** Those of upstream's API; any page may read it, but none with the reader's credentials. */
const ofApi = {
  "access-control-allow-origin": "*",
  "cache-control": "no-cache, no-store, must-revalidate",
  "x-content-type-options": "nosniff",
};
const ofText = { "x-content-type-options": "nosniff" };
const ofScrape = { ...ofText, "cache-control": "no-store" };
const ofPage = {
  ...ofText,
  "cache-control": "no-store",
  "content-security-policy": expect.stringMatching(
    /^default-src 'none'; script-src 'self'; .*base-uri 'self'; form-action 'none'; frame-ancestors 'none'$/,
  ),
  "referrer-policy": "same-origin",
};
const ofAsset = { ...ofText, "cache-control": "max-age=31536000, immutable" };
/** Without a body there is nothing to take for something else. */
const none = {};

/** Of these headers an answer has those that its row names, and no others. */
const concerned = [
  "access-control-allow-credentials",
  "access-control-allow-origin",
  "cache-control",
  "content-security-policy",
  "referrer-policy",
  "server",
  "x-content-type-options",
  "x-frame-options",
  "x-powered-by",
] as const;

test.each([
  ["PUT /metrics/job/a", 200, none],
  ["POST /metrics/job/a", 200, none],
  ["PUT /metrics/job/a/b", 400, ofText],
  ["DELETE /metrics/job/a", 202, none],
  ["GET /metrics/job/a", 405, ofText],
  ["GET /metrics", 200, ofScrape],
  ["GET /-/metrics", 200, ofScrape],
  ["GET /-/healthy", 200, ofText],
  ["GET /-/ready", 200, ofText],
  ["GET /-/quit", 405, ofText],
  ["PUT /-/quit", 403, ofText],
  ["PUT /-/reload", 403, ofText],
  ["GET /api/v1/status", 200, ofApi],
  ["GET /api/v1/metrics", 200, ofApi],
  ["GET /api/v1/groups", 200, ofApi],
  ['DELETE /api/v1/groups?match[]={job="a"}', 200, ofApi],
  ["GET /api/v1/jobs", 200, ofApi],
  ["GET /api/v1/cluster", 200, ofApi],
  ["GET /api/v1/events", 200, ofApi],
  ["GET /api/v1/openapi.yaml", 200, ofApi],
  ["GET /api/v1/groups?limit=0", 400, ofApi],
  ["GET /api/v1/groups/AAAAAAAAAAAAAAAAAAAAAA", 404, ofApi],
  ["POST /api/v1/status", 405, ofText],
  ["POST /api/v1/jobs", 405, ofText],
  ["PUT /api/v1/admin/wipe", 202, none],
  // What browsers ask before they let a page of another site delete: nothing in the answer allows it.
  ["OPTIONS /api/v1/groups", 200, none],
  ["OPTIONS /metrics/job/a", 200, none],
  ["GET /", 200, ofPage],
  ["GET /status", 200, ofPage],
  ["GET /groups", 200, ofPage],
  ["GET /groups/x", 200, ofPage],
  ["GET /jobs", 200, ofPage],
  ["GET /cluster", 200, ofPage],
  ["GET /SCRIPT", 200, ofAsset],
  ["GET /assets/none.js", 404, ofText],
  ["GET /nowhere", 404, ofText],
  ["GET /api/v1/nowhere", 404, ofText],
  ["GET /Status/", 301, none],
])("%s answers %i with the headers it needs", async (line, status, expected) => {
  const answer = await ask(line);
  expect(answer.status).toBe(status);
  const { headers } = answer;
  expect(
    Object.fromEntries(concerned.flatMap((name) => (name in headers ? [[name, headers[name]]] : []))),
  ).toEqual(expected);
  expect(answer.body === "" || headers["content-type"] !== undefined).toBeTrue();
});

test("a push that was taken is answered with nothing that it does not need", async () => {
  const { headers } = await ask("PUT /metrics/job/a", { connection: "keep-alive" });
  expect(Object.keys(headers)).toIncludeSameMembers(["connection", "content-length", "date", "keep-alive"]);
});

test("refusals are told as text that is nothing else, by the API as its errors", async () => {
  const { headers } = await ask("PUT /metrics/job/a", { origin: "https://evil.example" });
  expect(headers).toMatchObject({ ...ofText, "content-type": "text/plain; charset=utf-8" });
  const ofDeletion = await ask('DELETE /api/v1/groups?match[]={job="a"}', { origin: "https://evil.example" });
  expect(ofDeletion).toMatchObject({
    status: 403,
    headers: { ...ofText, "content-type": "application/json" },
  });
  expect(ofDeletion.headers).not.toHaveProperty("access-control-allow-origin");
});
