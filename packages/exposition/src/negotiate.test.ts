import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { acceptsGzip, negotiate } from "./negotiate.ts";

const TEXT = "text/plain; version=0.0.4; charset=utf-8; escaping=";
const PROTOBUF =
  "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=";
const WANTS_PROTOBUF = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily";

describe("what Prometheus sends", () => {
  test.each([
    [
      "2.42",
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      `${TEXT}underscores`,
    ],
    [
      "2.42 with native histograms",
      `${WANTS_PROTOBUF};encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1`,
      `${PROTOBUF}underscores`,
    ],
    [
      "2.55",
      "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
      `${TEXT}underscores`,
    ],
    [
      "2.55 with native histograms",
      `${WANTS_PROTOBUF};encoding=delimited;q=0.5,application/openmetrics-text;version=1.0.0;q=0.4,application/openmetrics-text;version=0.0.1;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1`,
      `${PROTOBUF}underscores`,
    ],
    [
      "3.x",
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
      `${TEXT}allow-utf-8`,
    ],
    [
      "3.x with native histograms",
      `${WANTS_PROTOBUF};encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1`,
      `${PROTOBUF}underscores`,
    ],
    [
      "3.x told to escape underscores",
      "application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
      `${TEXT}underscores`,
    ],
  ])("Prometheus %s is answered as upstream does", (_, accept, contentType) => {
    expect(negotiate(accept).contentType).toBe(contentType);
  });
});

describe("choosing a format", () => {
  test("the encoding and the escaping are those of the content type", () => {
    expect(negotiate("text/plain;escaping=dots")).toStrictEqual({
      encoding: "text",
      escaping: "dots",
      contentType: `${TEXT}dots`,
    });
    expect(negotiate(`${WANTS_PROTOBUF};encoding=delimited;escaping=values`)).toStrictEqual({
      encoding: "protobuf",
      escaping: "values",
      contentType: `${PROTOBUF}values`,
    });
  });

  test.each([
    ["no header", undefined],
    ["an empty header", ""],
    ["anything", "*/*"],
    ["a browser", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"],
    ["JSON only", "application/json"],
    ["protobuf as text", `${WANTS_PROTOBUF};encoding=text`],
    ["compact protobuf text", `${WANTS_PROTOBUF};encoding=compact-text`],
    ["protobuf without its message", "application/vnd.google.protobuf;encoding=delimited"],
    ["protobuf refused", `${WANTS_PROTOBUF};encoding=delimited;q=0`],
    ["protobuf with a quality that is none", `${WANTS_PROTOBUF};encoding=delimited;q=high`],
    ["an escaping that does not exist", "text/plain;escaping=rot13"],
    ["garbage", ',;=/,"";q=;q==,,;;\u0000'],
  ])("%s gets text", (_, accept) => {
    expect(negotiate(accept).contentType).toBe(`${TEXT}underscores`);
  });

  test("of protobuf and text the one with the higher quality is taken, else the first", () => {
    const protobuf = `${WANTS_PROTOBUF};encoding=delimited`;
    expect(negotiate(`text/plain;q=0.5,${protobuf};q=0.6`).encoding).toBe("protobuf");
    expect(negotiate(`text/plain;q=0.6,${protobuf};q=0.5`).encoding).toBe("text");
    expect(negotiate(`${protobuf},text/plain`).encoding).toBe("protobuf");
    expect(negotiate(`text/plain,${protobuf}`).encoding).toBe("text");
  });

  test("protobuf text is passed over for delimited protobuf the scraper takes too", () => {
    const accept = `${WANTS_PROTOBUF};encoding=text,${WANTS_PROTOBUF};encoding=delimited;q=0.5`;
    expect(negotiate(accept).encoding).toBe("protobuf");
  });

  test("text of another version is no match", () => {
    const protobuf = `${WANTS_PROTOBUF};encoding=delimited;q=0.1`;
    expect(negotiate(`text/plain;version=1.0.0,${protobuf}`).encoding).toBe("protobuf");
  });

  test("spaces, quotes and upper case make no difference", () => {
    const accept =
      'Application/Vnd.Google.Protobuf ; Proto="io.prometheus.client.MetricFamily" ; ENCODING = delimited ; Q=1';
    expect(negotiate(accept).encoding).toBe("protobuf");
  });

  test("any header gets one of the eight content types, at once", () => {
    const part = fc.constantFrom(
      ",",
      ";",
      "=",
      "q",
      "0.5",
      '"',
      "text/plain",
      "*/*",
      "escaping",
      "dots",
      " ",
    );
    const header = fc.oneof(
      fc.string(),
      fc.array(part, { maxLength: 2000 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(header, (accept) => {
        const { contentType, escaping } = negotiate(accept);
        expect([TEXT + escaping, PROTOBUF + escaping]).toContain(contentType);
        expect(acceptsGzip(accept)).toBeTypeOf("boolean");
      }),
    );
  });
});

describe("accepting gzip", () => {
  test.each([
    "gzip",
    "GZIP",
    "deflate, gzip, br",
    "gzip;q=0.1",
    "x-gzip",
    "*",
    "br;q=1, *;q=0.5",
    "gzip, identity",
  ])("%s does", (header) => {
    expect(acceptsGzip(header)).toBe(true);
  });

  test.each([
    undefined,
    "",
    "identity",
    "deflate, br, zstd",
    "gzip;q=0",
    "gzip;q=0.000, *",
    "*;q=0",
    "gzip;q=nonsense",
    "identity, gzip;q=0.5",
    "gzipped",
  ])("%s does not", (header) => {
    expect(acceptsGzip(header)).toBe(false);
  });
});
