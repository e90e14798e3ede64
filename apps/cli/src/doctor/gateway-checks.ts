import { ClientError, type Credentials, type Probe, probeGateway, type TlsOptions } from "@pushfleet/client";
import { formatDuration } from "@pushfleet/config/values";
import { span } from "../terminal.ts";
import { type Check, checksAbout } from "./check.ts";

/** How a gateway is asked. */
export interface Asking {
  readonly url: string;
  readonly credentials: Credentials | undefined;
  readonly tls: TlsOptions;
  readonly timeoutMs: number;
}

/** What is known of a gateway once it has been looked at. */
export interface ExaminedGateway {
  readonly url: string;
  readonly checks: readonly Check[];
  /** Undefined when nothing further can be found out. */
  readonly kind: GatewayKind | undefined;
}

export interface GatewayKind {
  readonly product: "Pushfleet" | "Pushgateway";
  readonly version: string;
  /** Whether other replicas may show the same groups. */
  readonly isShared: boolean;
  /** Where Prometheus gets the metrics, with the route prefix. */
  readonly scrapePath: string;
  /** Whether those who do not say who they are get the metrics. */
  readonly isOpen: boolean;
}

/** Looks whether one gateway can be reached and used, and what it is. Never rejects for what is wrong with it. */
export async function examineGateway(asking: Asking): Promise<ExaminedGateway> {
  const { url } = asking;
  const reachable = checksAbout("reachable");
  try {
    const ready = await probe(asking, "/-/ready");
    const status = await probe(asking, "/api/v1/status");
    const reached = reachable.ok(`${url} answered in ${Math.round(ready.tookMs)} ms`);
    const general = [reached, ...certificateChecks(ready, url), ...clockChecks(ready, url)];
    const refusal = refusalCheck(status, asking);
    if (refusal !== undefined) return { url, checks: [...general, refusal], kind: undefined };
    const read = readKind(status);
    if (read === undefined) {
      const fail = checksAbout("gateway").fail(
        `${url} is no gateway: GET /api/v1/status was answered ${status.status}; look at host, port and route prefix`,
      );
      return { url, checks: [...general, fail], kind: undefined };
    }
    const kind = {
      ...read,
      scrapePath: new URL(url).pathname.replace(/\/+$/, "") + read.scrapePath,
      isOpen: asking.credentials === undefined || (await isOpen(asking, read.scrapePath)),
    };
    return { url, checks: [...general, kindCheck(kind, url), readyCheck(ready, url)], kind };
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    const about = error.code === "tls" ? checksAbout("certificate") : reachable;
    const advice =
      error.code === "tls"
        ? "renew it, name the right host in --url, or its authority by --ca"
        : "is it running, and is --url right?";
    return { url, checks: [about.fail(`${error.message}; ${advice}`)], kind: undefined };
  }
}

async function isOpen(asking: Asking, path: string): Promise<boolean> {
  const { status } = await probe(asking, path, { anonymous: true });
  return status !== 401 && status !== 403;
}

function probe(
  { url, credentials, tls, timeoutMs }: Asking,
  path: string,
  { anonymous = false } = {},
): Promise<Probe> {
  return probeGateway({ url, path, credentials, tls, timeoutMs, anonymous });
}

const dayMs = 86_400_000;
const certificateDays = { warn: 21, fail: 3 };

function certificateChecks({ certificate, answeredAtMs }: Probe, url: string): readonly Check[] {
  if (certificate === undefined) return [];
  const { ok, warn, fail } = checksAbout("certificate");
  const leftMs = certificate.validToMs - answeredAtMs;
  const message = `that of ${url} is valid for ${span(leftMs / 1000)}`;
  if (leftMs > certificateDays.warn * dayMs) return [ok(message)];
  const told = `${message}; renew it, the gateway reads the new file without a restart`;
  return [leftMs > certificateDays.fail * dayMs ? warn(told) : fail(told)];
}

/** Dates are cut to seconds, and may be a second old. */
const datePrecisionMs = 2_000;
const clockFailMs = 30_000;

function clockChecks({ dateMs, answeredAtMs, tookMs }: Probe, url: string): readonly Check[] {
  const { ok, warn, fail } = checksAbout("clock");
  if (dateMs === undefined || Number.isNaN(dateMs)) return [];
  const aheadMs = dateMs - answeredAtMs;
  const behindMs = answeredAtMs - tookMs - (dateMs + datePrecisionMs);
  const offMs = Math.max(aheadMs, behindMs, 0);
  if (offMs === 0) return [ok(`that of ${url} agrees with the one here`)];
  const which = aheadMs > 0 ? "ahead of" : "behind";
  const told = `that of ${url} is ${formatDuration(Math.ceil(offMs / 1000) * 1000)} ${which} the one here; let NTP set both, or the ages of pushes are wrong`;
  return [offMs > clockFailMs ? fail(told) : warn(told)];
}

function refusalCheck({ status }: Probe, { url, credentials }: Asking): Check | undefined {
  const { fail } = checksAbout("authentication");
  if (status === 401)
    return fail(
      credentials === undefined
        ? `${url} asks who you are (401); say so by --user with --password-file, by --token-file, or by --cert with --key`
        : `${url} does not know these credentials (401); look at user and password or token, and whether the gateway has read them`,
    );
  if (status === 403)
    return fail(
      `${url} knows who you are and lets you see nothing (403); the identity needs the role read in the gateway's access rules`,
    );
  return undefined;
}

/** The same JSON from both; only Pushfleet has options of Redis. */
function readKind({ status, body }: Probe): Omit<GatewayKind, "isOpen"> | undefined {
  if (status !== 200) return undefined;
  try {
    const { data }: { data?: { build_information?: { version?: string }; flags?: Record<string, string> } } =
      JSON.parse(body.toString());
    if (data?.build_information === undefined || data.flags === undefined) return undefined;
    const { flags } = data;
    return {
      product: "redis.url" in flags ? "Pushfleet" : "Pushgateway",
      version: data.build_information.version ?? "",
      isShared: [flags["redis.url"], flags["redis.sentinels"]].some((one = "") => one !== ""),
      scrapePath: flags["web.telemetry-path"] ?? "/metrics",
    };
  } catch {
    return undefined; // Whoever answers that is no gateway.
  }
}

function kindCheck({ product, version, isShared }: GatewayKind, url: string): Check {
  const store = product === "Pushfleet" ? (isShared ? " on Redis" : " with a store of its own") : "";
  return checksAbout("gateway").ok(`${url} is ${product} ${version}${store}`);
}

function readyCheck({ status, body }: Probe, url: string): Check {
  const { ok, fail } = checksAbout("ready");
  if (status === 200) return ok(`${url} takes pushes and can be scraped`);
  const words = body.toString().trim().slice(0, 200);
  return fail(`${url} is not ready (${status}): ${words}; look at its log and at its store`);
}
