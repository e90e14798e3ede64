import { ClientError, parseGateway } from "@pushfleet/client";
import { connect, readCredentials, readTls } from "../connection.ts";
import type { Context } from "../context.ts";
import { type Paint, paintFor, printable } from "../terminal.ts";
import { type Check, checksAbout } from "./check.ts";
import type { DoctorOptions } from "./command.ts";
import { type Asking, examineGateway } from "./gateway-checks.ts";
import { checkGroups } from "./group-checks.ts";
import { jobsOfFile, jobsOfPrometheus } from "./prometheus.ts";
import { checkJobs } from "./prometheus-checks.ts";
import { examineScrape } from "./scrape-check.ts";

/** Looks at everything and tells it; resolves to the exit code. @throws UsageError, Failure, ClientError */
export async function diagnose(options: DoctorOptions, context: Context): Promise<number> {
  const checks = await allChecks(options, context);
  const { stdout } = context;
  const paint = paintFor(stdout, options);
  for (const check of checks)
    stdout.write(options.json ? `${JSON.stringify(check)}\n` : `${checkText(check, paint)}\n`);
  return checks.some(({ status }) => status === "fail") ? 1 : 0;
}

const aboutWidth = 16;

function checkText({ status, about, message }: Check, paint: Paint): string {
  const words = { ok: paint("green", "ok  "), warn: paint("yellow", "warn"), fail: paint("red", "FAIL") };
  return `${words[status]}  ${about.padEnd(aboutWidth)}${printable(message)}`;
}

async function allChecks(options: DoctorOptions, context: Context): Promise<readonly Check[]> {
  const [credentials, tls] = await Promise.all([readCredentials(options, context.env), readTls(options)]);
  const askings = options.url.map((given): Asking => {
    const { url, credentials: ofUrl } = parseGateway(given);
    return { url, credentials: credentials ?? ofUrl, tls, timeoutMs: options.timeout };
  });
  const gateways = await Promise.all(askings.map(examineGateway));
  const at = gateways.findIndex(({ kind }) => kind !== undefined);
  const [kind, asking] = [gateways[at]?.kind, askings[at]];
  const checks = gateways.flatMap((gateway) => gateway.checks);
  const groups = kind === undefined ? [] : await groupChecks(options, context);
  const scrape =
    kind === undefined || asking === undefined
      ? undefined
      : await examineScrape(asking, kind).catch((error: unknown) => failed("scrape", error));
  const scraped = { urls: askings.map(({ url }) => url), kind, scrapeMs: scrape?.tookMs };
  return [
    ...checks,
    ...groups,
    ...(scrape === undefined ? [] : [scrape.check]),
    ...(options["prometheus-config"] === ""
      ? []
      : checkJobs(await jobsOfFile(options["prometheus-config"]), scraped)),
    ...(options["prometheus-url"] === ""
      ? []
      : checkJobs(await jobsOfPrometheus(options["prometheus-url"], options.timeout), scraped)),
  ];
}

async function groupChecks(options: DoctorOptions, context: Context): Promise<readonly Check[]> {
  using client = await connect(options, context);
  try {
    return checkGroups(await client.metrics(), { nowMs: context.now(), staleMs: options.stale });
  } catch (error) {
    return [failed("groups", error).check];
  }
}

function failed(about: string, error: unknown) {
  if (!(error instanceof ClientError)) throw error;
  return { check: checksAbout(about).fail(error.message), tookMs: undefined };
}
