import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { desktop } from "../support/browser.ts";

/** The page of groups in a browser that has never been there. */
export interface Visit extends AsyncDisposable {
  readonly page: Page;
  /** From the start of the navigation until the first group was shown. */
  readonly firstRowMs: number;
  /** The browser's own first-contentful-paint. */
  readonly firstPaintMs: number;
  /** Headers and bodies as they were sent, until nothing more came. */
  readonly bytes: number;
  /** Evaluates what page-probe.js gives under that name; the caller knows its type from there. */
  probe<T>(expression: string): Promise<T>;
}

const probe = fileURLToPath(new URL("page-probe.js", import.meta.url));
/** So long without a byte, and the page has all it asked for. */
const QUIET_MS = 500;

export async function visitGroups(browser: Browser, port: number): Promise<Visit> {
  await using stack = new AsyncDisposableStack();
  const context = stack.use(await browser.newContext(desktop));
  const page = await context.newPage();
  await page.addInitScript({ path: probe });
  const transfer = await countTransfer(page);
  await page.goto(`http://127.0.0.1:${port}/groups`);
  const evaluate = <T>(expression: string) => page.evaluate(`probe.${expression}`) as Promise<T>; // see the interface
  const firstRowMs = await evaluate<number>("firstRow");
  for (let before = -1; before !== transfer.bytes(); ) {
    before = transfer.bytes();
    await page.waitForTimeout(QUIET_MS);
  }
  const firstPaintMs = await evaluate<number>("firstPaint()");
  const visited = stack.move();
  return {
    page,
    firstRowMs,
    firstPaintMs,
    bytes: transfer.bytes(),
    probe: evaluate,
    [Symbol.asyncDispose]: () => visited.disposeAsync(),
  };
}

/** Also counts what has not come to its end: the events never do. */
async function countTransfer(page: Page): Promise<{ bytes(): number }> {
  const session = await page.context().newCDPSession(page);
  const bytes = new Map<string, number>();
  const add = (request: string, more: number) => bytes.set(request, (bytes.get(request) ?? 0) + more);
  session.on("Network.responseReceived", ({ requestId, response }) =>
    add(requestId, response.encodedDataLength),
  );
  session.on("Network.dataReceived", ({ requestId, encodedDataLength }) => add(requestId, encodedDataLength));
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) =>
    bytes.set(requestId, encodedDataLength),
  );
  await session.send("Network.enable");
  return { bytes: () => bytes.values().reduce((sum, each) => sum + each, 0) };
}
