import type { Page } from "playwright-core";
import { test as base, expect } from "vitest";
import { desktop, startChromium, watchPage } from "../support/browser.ts";
import { type Site, startSite } from "./site.ts";

/** The prefixes that the web UI is tested under. */
export const prefixes = ["", "/push/gateway"] as const;

export interface VisitOptions {
  readonly colorScheme?: "light" | "dark";
  /** Errors on the console that the test brings about itself, e.g. those of requests that are refused. */
  readonly provoked?: RegExp;
  /** What the reader answers when the browser asks for them. */
  readonly httpCredentials?: { readonly username: string; readonly password: string };
}

/**
 * Tests of pages: one browser a file, for each route prefix one gateway a file, which a test finds empty, and a context of
 * its own for each page that a test opens by its URL, or visits by what is behind the prefix of the gateway's. A page that
 * complains in any way fails its test.
 */
export const test = base
  // biome-ignore lint/correctness/noEmptyPattern: Vitest wants a pattern, which tells it the fixtures that this one needs.
  .extend("shared", { scope: "file" }, async ({}, { onCleanup }) => {
    const started = new AsyncDisposableStack();
    onCleanup(() => started.disposeAsync());
    const chromium = started.use(await startChromium());
    const sites = new Map<string, Site>();
    return {
      chromium,
      async siteAt(prefix: string): Promise<Site> {
        const site = sites.get(prefix) ?? started.use(await startSite({ prefix }));
        sites.set(prefix, site);
        return site;
      },
    };
  })
  .extend("prefix", "")
  .extend("site", async ({ shared, prefix }) => {
    const site = await shared.siteAt(prefix);
    await site.wipe();
    return site;
  })
  .extend("open", async ({ shared }, { onCleanup }) => {
    const ends: (() => Promise<void>)[] = [];
    onCleanup(async () => {
      for (const end of ends) await end();
    });
    return async (
      url: string,
      { colorScheme = "light", provoked, httpCredentials }: VisitOptions = {},
    ): Promise<Page> => {
      const context = await shared.chromium.newContext({
        ...desktop,
        colorScheme,
        ...(httpCredentials === undefined ? {} : { httpCredentials }),
      });
      context.setDefaultTimeout(patienceMs);
      const page = await context.newPage();
      const { origin } = new URL(url);
      const complaints = watchPage(page, { origin, ...(provoked === undefined ? {} : { provoked }) });
      ends.push(async () => {
        await context.close();
        expect(complaints, "complaints of the page").toEqual([]);
      });
      await page.goto(url);
      return page;
    };
  })
  .extend("visit", async ({ open, site }) => {
    return (path: string, options?: VisitOptions) => open(site.url + path, options);
  });

const patienceMs = 10_000;

/** Expects something of what `read` resolves to, now or soon. What fails is told with the message. */
export function soon<T>(read: () => Promise<T>, message?: string) {
  return expect.poll(read, {
    timeout: patienceMs,
    interval: 30,
    ...(message === undefined ? {} : { message }),
  });
}
