import type { EscapingScheme } from "./names.ts";

/** How a scrape is to be answered. */
export interface ScrapeFormat {
  readonly encoding: "text" | "protobuf";
  /** What happens to names that are not legacy names. */
  readonly escaping: EscapingScheme;
  /** The exact value for the Content-Type header. */
  readonly contentType: string;
}

const PROTOBUF = "application/vnd.google.protobuf";
const METRIC_FAMILY = "io.prometheus.client.MetricFamily";
const TEXT_VERSION = "0.0.4";

/**
 * Chooses the format of a scrape from its Accept header (RFC 9110, section 12.5.1) as upstream 1.11 does
 * (prometheus/common expfmt.Negotiate): delimited protobuf or text 0.0.4, whichever the scraper prefers and names;
 * wildcards do not count, and text is the answer to everything else, an absent or unreadable header included.
 *
 * As upstream, `escaping=` counts even of a clause we cannot serve: Prometheus 3 puts it on the OpenMetrics and text
 * 1.0.0 clauses only. Unlike upstream, encodings `text` and `compact-text` of protobuf are not served, `q=0` refuses,
 * and media types are compared without regard to case.
 */
export function negotiate(accept: string | undefined): ScrapeFormat {
  let escaping: EscapingScheme = "underscores";
  for (const { value, parameters } of byPreference(accept)) {
    escaping = escapingScheme(parameters.get("escaping")) ?? escaping;
    if (
      value === PROTOBUF &&
      parameters.get("proto") === METRIC_FAMILY &&
      parameters.get("encoding") === "delimited"
    ) {
      return protobufFormat(escaping);
    }
    if (value === "text/plain" && (parameters.get("version") ?? TEXT_VERSION) === TEXT_VERSION) break;
  }
  return textFormat(escaping);
}

/**
 * Whether an answer may be sent gzipped, by the Accept-Encoding header (RFC 9110, section 12.5.3): gzip, or `*` where
 * gzip is not mentioned, has a quality above 0 and no lower than that of `identity`.
 */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  const offers = byPreference(acceptEncoding, { keepRefused: true });
  const quality = (coding: string) => offers.find(({ value }) => value === coding)?.quality;
  const gzip = quality("gzip") ?? quality("x-gzip") ?? quality("*") ?? 0;
  return gzip > 0 && gzip >= (quality("identity") ?? 0);
}

function protobufFormat(escaping: EscapingScheme): ScrapeFormat {
  const contentType = `${PROTOBUF}; proto=${METRIC_FAMILY}; encoding=delimited; escaping=${escaping}`;
  return { encoding: "protobuf", escaping, contentType };
}

function textFormat(escaping: EscapingScheme): ScrapeFormat {
  const contentType = `text/plain; version=${TEXT_VERSION}; charset=utf-8; escaping=${escaping}`;
  return { encoding: "text", escaping, contentType };
}

function escapingScheme(wish: string | undefined): EscapingScheme | undefined {
  const schemes: readonly EscapingScheme[] = ["allow-utf-8", "underscores", "dots", "values"];
  return schemes.find((scheme) => scheme === wish);
}

interface Offer {
  /** Lower case. */
  readonly value: string;
  /** By lower-case name, without `q`. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** The offers of an Accept-like header, best first and else in the order given; refused ones (`q=0`) are left out. */
function byPreference(header: string | undefined, options?: { keepRefused: boolean }): Offer[] {
  const offers = (header ?? "").split(",").map(parseOffer);
  return offers
    .filter(({ value, quality }) => value !== "" && (quality > 0 || options?.keepRefused))
    .sort((one, other) => other.quality - one.quality);
}

function parseOffer(clause: string): Offer {
  const [value = "", ...rest] = clause.split(";");
  const parameters = new Map(rest.map(parseParameter));
  const quality = parseQuality(parameters.get("q"));
  parameters.delete("q");
  return { value: value.trim().toLowerCase(), parameters, quality };
}

function parseParameter(text: string): readonly [name: string, value: string] {
  const [name = "", ...rest] = text.split("=");
  const value = rest.join("=").trim();
  const quoted = value.length >= 2 && value.startsWith('"') && value.endsWith('"');
  return [name.trim().toLowerCase(), quoted ? value.slice(1, -1) : value];
}

/** 1 when not given; a quality that cannot be read refuses the offer. */
function parseQuality(text: string | undefined): number {
  if (text === undefined) return 1;
  const quality = Number(text);
  return quality > 0 ? Math.min(quality, 1) : 0;
}
