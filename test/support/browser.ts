import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const commands = ["chromium", "chromium-browser", "google-chrome"];

/**
 * Starts the machine's own Chromium without a window. Rejects, saying what to install, where there is none.
 *
 * @param hosts Addresses, with their ports, by host names that stand for them.
 */
export async function startChromium(hosts: Readonly<Record<string, string>> = {}): Promise<Browser> {
  const executablePath = onPath(commands);
  if (executablePath === undefined) {
    throw new Error("this test needs a Chromium browser: install one (apt-get install chromium)");
  }
  // Chromium's sandbox refuses to work for root, as whom tests run in containers.
  const chromiumSandbox = process.getuid?.() !== 0;
  const rules = Object.entries(hosts).map(([name, address]) => `MAP ${name} ${address}`);
  const args = rules.length === 0 ? [] : [`--host-resolver-rules=${rules.join(",")}`];
  return await chromium.launch({ executablePath, chromiumSandbox, args });
}

function onPath(names: readonly string[]): string | undefined {
  const directories = (process.env["PATH"] ?? "").split(delimiter);
  return names.flatMap((name) => directories.map((directory) => join(directory, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A desktop whose reader likes no animations, the same on each machine. */
export const desktop = {
  viewport: { width: 1440, height: 900 },
  locale: "en-GB",
  timezoneId: "UTC",
  reducedMotion: "reduce",
} as const satisfies BrowserContextOptions;

export interface WatchOptions {
  /** From here alone the page may load anything. */
  readonly origin: string;
  /** Errors on the console that the test brings about itself. */
  readonly provoked?: RegExp;
}

/**
 * Collects from now on what must not happen on a page: errors that nobody caught, errors and warnings on the console (a
 * violated content security policy is one) and requests to other origins.
 */
export function watchPage(page: Page, { origin, provoked }: WatchOptions): readonly string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error.stack ?? error.message}`));
  page.on("console", (message) => {
    const isBad = message.type() === "error" || message.type() === "warning";
    if (isBad && provoked?.test(message.text()) !== true) {
      complaints.push(`${message.type()} on the console: ${message.text()}`);
    }
  });
  page.on("request", (request) => {
    const asked = new URL(request.url());
    if (asked.origin !== origin && asked.protocol !== "data:")
      complaints.push(`request to another origin: ${request.url()}`);
  });
  return complaints;
}

/** What axe has against the page as it is, of any impact: one line each, with the elements it is about. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const results = (await page.evaluate("axe.run()")) as axe.AxeResults; // the page's own type is not known here
  return results.violations.map(
    ({ id, impact, help, nodes }) =>
      `${impact} ${id}: ${help}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`,
  );
}
