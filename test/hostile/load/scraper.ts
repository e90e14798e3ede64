import { execFile } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { authorizationOf } from "./identities.ts";

/** Milliseconds between two scrapes: more often than any Prometheus, as a test takes no minutes. */
const intervalMs = 1_000;

export interface Scraper extends AsyncDisposable {
  /** What every scrape so far came to: a status code or an error. */
  outcomes(): readonly string[];
}

/** Scrapes as Prometheus does until it is disposed, in turn from each replica. */
export function startScraper(urls: readonly string[]): Scraper {
  const stop = new AbortController();
  const outcomes: string[] = [];
  const scrapeOn = async () => {
    for (let i = 0; !stop.signal.aborted; i++) {
      outcomes.push(await scrapeElsewhere(urls[i % urls.length] ?? "").catch(String));
      await delay(intervalMs, undefined, { signal: stop.signal }).catch(() => {});
    }
  };
  const ended = scrapeOn();
  return {
    outcomes: () => outcomes,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
    },
  };
}

const run = promisify(execFile);

/**
 * In a process of its own: beside the largest pushes a scrape has a hundred MiB, and what receives them must not keep the job
 * waiting whose pushes are measured. Resolves to the status.
 */
async function scrapeElsewhere(url: string): Promise<string> {
  const headers = [`Authorization: ${authorizationOf("prometheus")}`, "Accept-Encoding: gzip"];
  const { stdout } = await run("curl", [
    ...[
      "--silent",
      "--show-error",
      "--max-time",
      "30",
      "--output",
      "/dev/null",
      "--write-out",
      "%{http_code}",
    ],
    ...headers.flatMap((header) => ["--header", header]),
    `${url}/metrics`,
  ]);
  return stdout;
}

/** In gzip, as `fetch` asks for it. */
export async function scrape(url: string): Promise<{ status: number; body: Uint8Array }> {
  const response = await fetch(`${url}/metrics`, {
    headers: { authorization: authorizationOf("prometheus") },
    signal: AbortSignal.timeout(30_000),
  });
  return { status: response.status, body: await response.bytes() };
}
