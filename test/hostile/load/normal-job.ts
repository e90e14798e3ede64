import { Agent, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { authorizationOf } from "./identities.ts";

const pushesPerSecond = 100;
/** Groups of the job, pushed one after the other: so many that no push meets an earlier one of its group on the way. */
const instances = 1_000;
const seriesPerPush = 12;

/** How the pushes of some time went. */
export interface Pushes {
  readonly count: number;
  /** What went wrong, one line for each push that was not answered 200. */
  readonly failures: readonly string[];
  /** Milliseconds from sending to the end of the answer that 99 of 100 pushes stayed below. */
  readonly p99: number;
  readonly worst: number;
}

/**
 * Pushes small bodies at a steady rate, in turn to each replica, every other one over a new connection. Whether or not the last one
 * was answered the next is sent at its time, as different machines would.
 */
export class NormalJob {
  readonly #urls: readonly string[];
  readonly #agent = new Agent({ keepAlive: true });
  readonly #values = new Map<string, number>();
  #pushed = 0;

  constructor(urls: readonly string[]) {
    this.#urls = urls;
  }

  /** Goes on for so many milliseconds, and until all is answered. */
  async push(ms: number): Promise<Pushes> {
    const latencies: number[] = [];
    const failures: string[] = [];
    const under: Promise<void>[] = [];
    const begin = performance.now();
    for (let i = 0; i < (ms / 1000) * pushesPerSecond; i++) {
      await delay(Math.max(0, begin + (i * 1000) / pushesPerSecond - performance.now()));
      const sentAt = performance.now();
      const note = (outcome: string) => {
        latencies.push(performance.now() - sentAt);
        if (outcome !== "200") failures.push(`${outcome} after ${Math.round(performance.now() - sentAt)} ms`);
      };
      under.push(this.#pushOne().then(note, (error: unknown) => note(String(error))));
    }
    await Promise.all(under);
    latencies.sort((a, b) => a - b);
    const at = (share: number) => latencies[Math.ceil(latencies.length * share) - 1] ?? Number.NaN;
    return { count: latencies.length, failures, p99: at(0.99), worst: at(1) };
  }

  /** The samples that a scrape has to show, by series. */
  expected(): ReadonlyMap<string, number> {
    const samples = new Map<string, number>();
    for (const [instance, value] of this.#values)
      for (let i = 0; i < seriesPerPush; i++)
        samples.set(`backup_bytes{instance="${instance}",job="nightly-backup",volume="${i}"}`, value);
    return samples;
  }

  /** Closes the connections it has kept. */
  disconnect(): void {
    this.#agent.destroy();
  }

  async #pushOne(): Promise<string> {
    const number = this.#pushed++;
    const instance = String(number % instances);
    const url = this.#urls[Math.floor(number / 2) % this.#urls.length];
    this.#values.set(instance, number);
    const lines = Array.from({ length: seriesPerPush }, (_, i) => `backup_bytes{volume="${i}"} ${number}\n`);
    return new Promise((resolve, reject) => {
      const push = request(
        `${url}/metrics/job/nightly-backup/instance/${instance}`,
        {
          method: "PUT",
          headers: { authorization: authorizationOf("nightly-backup") },
          agent: number % 2 === 0 ? this.#agent : false,
          timeout: 120_000,
        },
        (response) => {
          response.resume();
          response.on("end", () => resolve(String(response.statusCode)));
          response.on("error", reject);
        },
      );
      push.on("timeout", () => push.destroy(new Error("no answer")));
      push.on("error", reject);
      push.end(`# TYPE backup_bytes gauge\n${lines.join("")}`);
    });
  }
}
