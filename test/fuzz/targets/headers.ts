import { validateHeaderValue } from "node:http";
import { Socket } from "node:net";
import { acceptsGzip, negotiate } from "@pushfleet/exposition";
import express, { type Request, type Response } from "express";
import { AccessDenied } from "../../../apps/gateway/src/access/access-denied.ts";
import { authenticateBasic } from "../../../apps/gateway/src/access/basic-auth.ts";
import { identify } from "../../../apps/gateway/src/access/identification.ts";
import { identitiesOf } from "../../../apps/gateway/src/access/identities.ts";
import { requireSameOrigin } from "../../../apps/gateway/src/access/same-origin.ts";
import { requestTtl } from "../../../apps/gateway/src/request-ttl.ts";
import { readRequest, requestText } from "../request-text.ts";
import { type Check, longestHead, require, requireSame, type Session, type Target } from "../target.ts";
import { tellingNames, tellingTexts } from "../words.ts";

const words = [
  "Accept: ",
  "Accept-Encoding: ",
  "Authorization: ",
  "Pushfleet-TTL: ",
  "Origin: ",
  "Host: ",
  "Sec-Fetch-Site: ",
  "X-Forwarded-For: ",
  "X-Forwarded-Host: ",
  "X-Forwarded-Proto: ",
  "text/plain",
  "application/vnd.google.protobuf",
  ";proto=io.prometheus.client.MetricFamily",
  ";encoding=delimited",
  ";version=0.0.4",
  ";escaping=allow-utf-8",
  ";escaping=underscores",
  ";q=0.5",
  ";q=0",
  ";q=1e9",
  "*/*",
  ",",
  ";",
  "gzip",
  "identity",
  "Basic ",
  "Bearer ",
  "dGVhbTpwYXNz",
  "127.0.0.1",
  "::ffff:10.0.0.1",
  "[::1]",
  "unknown",
  "http://gateway:9091",
  "https://",
  "null",
  "same-origin",
  "?ttl=",
  "1h30m",
  "9999999y",
  "\n",
] as const;

/** What Prometheus, browsers, proxies and clients send. */
const usual = [
  requestText("GET /metrics", {
    Accept:
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1",
    "Accept-Encoding": "gzip, deflate;q=0.5, identity;q=0.1, *;q=0",
  }),
  requestText("PUT /metrics/job/a?ttl=1h30m&ttl=90m", {
    "Pushfleet-TTL": "90m",
    Authorization: "Bearer secret",
  }),
  requestText("DELETE /metrics/job/a", {
    Host: "gateway:9091",
    Origin: "http://gateway:9091",
    "Sec-Fetch-Site": "cross-site",
    Authorization: "Basic dGVhbTpwYXNz",
    "X-Forwarded-For": "10.0.0.1, 127.0.0.1",
    "X-Forwarded-Host": "example.com, other",
    "X-Forwarded-Proto": "https, http",
  }),
] as const;

/** All headers that the gateway reads itself, by what reads them. */
export const headers: Target = {
  name: "headers",
  refusals: [AccessDenied],
  words: [...words, ...tellingNames, ...tellingTexts],
  longest: longestHead,
  sessionLength: 10_000,
  seeds: () => usual,
  generate: (chance) =>
    Buffer.concat([
      chance.pick(usual),
      Buffer.from(Array.from({ length: chance.int(1, 20) }, () => chance.pick(words)).join("")),
    ]),
  open: openSession,
};

function openSession(): Session {
  const app = express();
  app.set("trust proxy", ["loopback", "10.0.0.0/8"]);
  const sameOrigin = requireSameOrigin(new Set(["https://trusted.example"]));
  const team = { name: "team", users: ["team"], tokenHashes: ["0".repeat(64)], subjects: [], grants: [] };
  const identities = identitiesOf({ identities: [team] });
  const passwords = { userOf: (credentials: string) => Buffer.from(credentials, "base64").toString() };
  const socket = new Socket();
  Object.defineProperty(socket, "remoteAddress", { value: "127.0.0.1" });
  return {
    async take(input): Promise<Check> {
      const { method, url, headers: given } = readRequest(input);
      const request: Request = Object.assign(Object.create(app.request), {
        method,
        url,
        headers: given,
        socket,
      });
      const format = negotiate(given["accept"]);
      const gzip = acceptsGzip(given["accept-encoding"]);
      const ttl = requestTtl(request);
      const addresses = [request.ip, request.host, request.hostname, request.protocol];
      sameOrigin(request, {} as Response, () => {}); // it looks at the request only
      const identity = await identify(request, identities, (header) => authenticateBasic(header, passwords));
      return () => {
        validateHeaderValue("Content-Type", format.contentType);
        requireSame(
          negotiate(format.contentType).contentType,
          format.contentType,
          "a format and what it asks for",
        );
        require(typeof gzip === "boolean" && identity.name !== undefined, "no answer");
        if (ttl.kind === "said")
          require(Number.isSafeInteger(ttl.ttlMs) && ttl.ttlMs >= 0, `a ttl of ${ttl.ttlMs} ms`);
        if (given["x-forwarded-for"] === undefined)
          requireSame(String(addresses[0]), "127.0.0.1", "addresses without a proxy");
      };
    },
  };
}
