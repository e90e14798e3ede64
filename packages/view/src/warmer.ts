import { setTimeout as delay } from "node:timers/promises";
import type { RenderRequest } from "./listing.ts";
import type { View } from "./view.ts";

export interface WarmerOptions {
  /** Milliseconds between two looks at the store; more while the process is busy. */
  readonly pauseMs?: number;
  /** Milliseconds after a scrape during which another of its form is expected. */
  readonly expectMs?: number;
}

const defaultPauseMs = 100;
/** As long as Prometheus itself looks back: scrapes further apart leave gaps in every graph. */
const defaultExpectMs = 5 * 60_000;
/** Busy with other things for more than this share of a pause, the process has better to do than to keep a view warm … */
const busyShare = 0.25;
/** … until so many times as long has passed as it took the last time: a twentieth of one processor is the most it takes. */
const restPerWork = 19;

/**
 * Folds what changes into the view between scrapes, in the forms that scrapes have asked for, so that a scrape finds its
 * bytes made but for the last moment's. Nothing relies on it: a scrape syncs the view itself all the same.
 * While nobody scrapes it does nothing at all, and in front of an unavailable store it waits.
 */
export class ViewWarmer {
  readonly #view: View;
  readonly #pauseMs: number;
  readonly #expectMs: number;
  /** By their JSON, with when each was last asked for. */
  readonly #forms = new Map<string, { readonly form: RenderRequest; readonly askedAt: number }>();
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(view: View, options: WarmerOptions = {}) {
    this.#view = view;
    this.#pauseMs = options.pauseMs ?? defaultPauseMs;
    this.#expectMs = options.expectMs ?? defaultExpectMs;
  }

  /** To be told of every scrape. */
  scraped({ encoding, escaping, gzip }: RenderRequest): void {
    // Compressed protobuf is compressed as a whole: too much to do for nobody.
    const form = { encoding, escaping, gzip: gzip && encoding === "text" };
    this.#forms.set(JSON.stringify(form), { form, askedAt: performance.now() });
    this.#running ??= this.#run();
  }

  /** Resolves when it has stopped for good. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.idle();
  }

  /** Resolves when no scrape is expected any more. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    let restUntil = 0;
    let used = performance.eventLoopUtilization();
    while (await this.#pause()) {
      const forms = this.#expected();
      if (forms.length === 0) break;
      const isBusy = performance.eventLoopUtilization(used).utilization > busyShare;
      if (!isBusy || performance.now() >= restUntil) {
        const start = performance.now();
        await this.#warm(forms);
        const end = performance.now();
        restUntil = end + restPerWork * (end - start);
      }
      used = performance.eventLoopUtilization();
    }
    this.#running = undefined;
  }

  async #warm(forms: readonly RenderRequest[]): Promise<void> {
    try {
      const snapshot = await this.#view.sync();
      for (const form of forms) await snapshot.render(form);
    } catch {
      // The next scrape meets it too, and has somebody to tell.
    }
  }

  #expected(): readonly RenderRequest[] {
    const oldest = performance.now() - this.#expectMs;
    for (const [key, { askedAt }] of this.#forms) if (askedAt < oldest) this.#forms.delete(key);
    return [...this.#forms.values()].map(({ form }) => form);
  }

  /** False when it is time to stop. */
  async #pause(): Promise<boolean> {
    try {
      await delay(this.#pauseMs, undefined, { signal: this.#stop.signal, ref: false });
      return true;
    } catch {
      return false;
    }
  }
}
