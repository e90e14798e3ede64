import { type Probe, probeGateway } from "@pushfleet/client";
import { type Check, checksAbout } from "./check.ts";
import type { Asking, GatewayKind } from "./gateway-checks.ts";

export interface ExaminedScrape {
  readonly check: Check;
  /** Milliseconds; undefined when it failed. */
  readonly tookMs: number | undefined;
}

/** Prometheus gives up after 10 s unless it is told otherwise. */
const usualTimeoutMs = 10_000;
const largeBytes = 64 * 2 ** 20;

/** Scrapes as Prometheus would. @throws ClientError when there is no answer */
export async function examineScrape(
  asking: Asking,
  { scrapePath, product }: GatewayKind,
): Promise<ExaminedScrape> {
  const { ok, warn, fail } = checksAbout("scrape");
  const { origin } = new URL(asking.url);
  const answer = await probeGateway({ ...asking, url: origin, path: scrapePath });
  const { status, tookMs, body } = answer;
  if (status === 401 || status === 403)
    return {
      check: fail(`${scrapePath} was answered ${status}; the identity needs the role scrape`),
      tookMs: undefined,
    };
  if (status !== 200) {
    const words = body.toString().trim().replace(/\s+/g, " ").slice(0, 200);
    const advice =
      product === "Pushgateway"
        ? "delete the group that contradicts the others; Pushfleet refuses such pushes alone"
        : "look into its log";
    return { check: fail(`${scrapePath} was answered ${status}: ${words}; ${advice}`), tookMs: undefined };
  }
  const told = `${shown(answer)} in ${Math.round(tookMs)} ms`;
  if (tookMs > usualTimeoutMs)
    return {
      check: fail(`${told}, where Prometheus gives up after 10 s; raise scrape_timeout, or push less`),
      tookMs,
    };
  if (tookMs > usualTimeoutMs / 2 || body.length > largeBytes)
    return {
      check: warn(`${told}; find out which jobs push so much: pushfleet groups --sort=bytes`),
      tookMs,
    };
  return { check: ok(told), tookMs };
}

function shown({ body }: Probe): string {
  const lines = body.toString().split("\n");
  const series = lines.filter((line) => line !== "" && !line.startsWith("#")).length;
  return `${series} series in ${(body.length / 2 ** 20).toFixed(1)} MiB`;
}
