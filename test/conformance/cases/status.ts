import { gzipSync } from "node:zlib";
import { type ConformanceCase, del, post, request } from "../case.ts";

const CORS = [
  "access-control-allow-headers",
  "access-control-allow-methods",
  "access-control-allow-origin",
  "access-control-expose-headers",
  "cache-control",
  "content-type",
];
const ERROR = ["content-type", "x-content-type-options", "allow"];
const BODY = "m 1\n";
/** One comment of 40 MB: more than the default limit, and only kilobytes on the wire. */
const LARGE = gzipSync(`${"#".repeat(40_000_000)}\n`);

const methods = (path: string, ...names: readonly string[]): ConformanceCase[] =>
  names.map((method) => ({
    name: `${method} ${path}`,
    steps: [request(method, path, { compareHeaders: ERROR, compareBody: true })],
  }));

export const statusCases: readonly ConformanceCase[] = [
  ...methods("/metrics", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"),
  ...methods("/metrics/job/a", "GET", "HEAD", "PATCH", "OPTIONS"),
  ...methods("/metrics/job/a/x/1", "GET", "PATCH", "OPTIONS"),
  ...methods("/metrics/job@base64/YQ", "GET", "OPTIONS"),
  ...methods("/metrics/nonsense", "GET", "POST", "DELETE"),
  ...methods("/nonsense", "GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"),
  ...methods("/-/healthy", "GET", "POST", "OPTIONS", "HEAD"),
  ...methods("/-/ready", "GET", "PUT", "OPTIONS", "HEAD"),
  ...methods("/-/quit", "GET", "POST", "PUT", "DELETE", "HEAD"),
  ...methods("/-/nonsense", "GET"),
  ...methods("/api/v1/metrics", "POST", "PUT", "DELETE", "HEAD"),
  ...methods("/api/v1/status", "POST", "DELETE"),
  ...methods("/api/v1/admin/wipe", "GET", "POST", "DELETE"),
  ...methods("/api/v1/nonsense", "GET", "POST"),
  ...["/api/v1/metrics", "/api/v1/status", "/api/v1/nonsense"].map((path) => ({
    name: `OPTIONS ${path} answers CORS`,
    steps: [request("OPTIONS", path, { compareHeaders: [...CORS, "allow"], compareBody: true })],
  })),
  ...[
    ["GET", "/metrics/"],
    ["GET", "/METRICS"],
    ["GET", "//metrics"],
    ["GET", "/-/healthy/"],
    ["GET", "/-/Ready"],
    ["DELETE", "/-/quit/"],
  ].map(([method = "", path = ""]) => ({
    name: `${method} ${path} is led to the right path`,
    steps: [request(method, path, { compareHeaders: ["location"] })],
  })),
  {
    name: "a write is not led to the right path",
    steps: [request("PUT", "/-/quit/")],
    difference: { id: "no-redirects", ours: { statuses: [404] } },
  },
  {
    name: "the API leads to the right path too",
    steps: [request("GET", "/api/v1/metrics/?x=1", { compareHeaders: ["location"] })],
    difference: { id: "api-redirects", ours: { statuses: [301] } },
  },
  {
    name: "the API answers with CORS headers",
    steps: [request("GET", "/api/v1/metrics", { compareHeaders: CORS })],
  },
  {
    name: "the status API answers with CORS headers",
    steps: [request("GET", "/api/v1/status", { compareHeaders: CORS })],
  },
  {
    name: "the answers of a push and a delete",
    steps: [
      post("/job/a", BODY, { compareHeaders: ERROR, compareBody: true }),
      del("/job/a", { compareHeaders: ERROR, compareBody: true }),
      post("/job/a", "junk\n", { compareHeaders: ERROR }),
      post("/job/a/x", BODY, { compareHeaders: ERROR }),
      post("/job/a", "m 1 1\n", { compareHeaders: ERROR }),
    ],
  },
  {
    name: "the type of a protobuf scrape",
    steps: ["delimited", "other"].map((encoding) =>
      request("GET", "/metrics", {
        headers: {
          Accept: `application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=${encoding}`,
        },
      }),
    ),
  },
  {
    name: "a gzipped scrape",
    steps: [
      request("GET", "/metrics", {
        headers: { "Accept-Encoding": "gzip" },
        compareHeaders: ["content-encoding"],
      }),
    ],
  },
  {
    name: "a scrape with gzip refused",
    steps: [
      request("GET", "/metrics", {
        headers: { "Accept-Encoding": "identity, br" },
        compareHeaders: ["content-encoding"],
      }),
    ],
  },
  {
    name: "the type of a text scrape says how names are escaped",
    steps: [request("GET", "/metrics", { compareHeaders: ["content-type"] })],
    difference: { id: "escaping-parameter", ours: { statuses: [200] } },
  },
  {
    name: "profiles are not served",
    steps: [request("GET", "/debug/pprof/cmdline")],
    difference: { id: "no-pprof", ours: { statuses: [404] } },
  },
  {
    name: "protobuf in text form is not offered",
    steps: [
      post("/job/a", BODY),
      request("GET", "/metrics", {
        headers: {
          Accept: "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=text",
        },
        compareHeaders: ["content-type"],
      }),
    ],
    difference: {
      id: "no-protobuf-text",
      ours: { statuses: [200, 200], lastBody: '\nm{instance="",job="a"} 1\n' },
    },
  },
  {
    name: "the web page",
    steps: [request("GET", "/", { compareHeaders: ["content-type"] })],
  },
  {
    name: "a body larger than the limit",
    steps: [post("/job/a", LARGE, { headers: { "Content-Encoding": "gzip" } }), post("/job/b", BODY)],
    difference: { id: "body-limit", ours: { statuses: [413, 200], groups: ['{job="b"}'] } },
  },
];
