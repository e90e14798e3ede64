import type { Client } from "@pushfleet/client";
import { connect } from "../connection.ts";
import type { Context } from "../context.ts";
import { labelText } from "../grouping.ts";
import {
  type Deliverer,
  type DeliveryOptions,
  deliverAll,
  deliverEarlier,
  deliverGroup,
  deliverOthers,
} from "../spool/deliver.ts";
import { openSpool } from "../spool/open-spool.ts";
import type { Spool } from "../spool/spool.ts";
import type { SpooledPush } from "../spool/spooled-push.ts";
import type { RunOptions } from "./command.ts";
import { startMetrics } from "./job-metrics.ts";

export interface ReporterOptions {
  readonly options: RunOptions;
  readonly labels: Readonly<Record<string, string>>;
  readonly startedAtMs: number;
  readonly warn: (message: string) => void;
}

/**
 * Tells the gateway of one run. It begins at once: sends what waits of earlier runs of the group, then that this one has started,
 * then what else waits. Nobody waits for that.
 */
export class Reporter implements AsyncDisposable {
  readonly #given: ReporterOptions;
  readonly #spool: Spool;
  /** Rejects when the credentials cannot be read. */
  readonly #client: Promise<Client>;
  readonly #commandEnded = new AbortController();
  readonly #meanwhile: Promise<void>;

  /** @throws ClientError bad-option */
  constructor(given: ReporterOptions, context: Context) {
    this.#given = given;
    this.#spool = openSpool(given.options, context.env);
    this.#client = connect(given.options, context);
    // What fails now is told at the end, if it still fails then.
    this.#meanwhile = this.#tellStart().catch(() => {});
  }

  /**
   * Tells how the run ended: the push is kept in the spool first and sent from there, so it outlives whatever happens to us. Never
   * rejects; what could not be sent is told.
   */
  async finish(push: SpooledPush, { timeoutMs, signal }: DeliveryOptions): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    const left = () => ({ timeoutMs: Math.max(1, deadline - performance.now()), signal });
    this.#commandEnded.abort();
    await this.#meanwhile;
    let key: string;
    try {
      key = await this.#spool.add(push);
    } catch (error) {
      return this.#sendUnkept(push, error, left());
    }
    try {
      await deliverGroup(await this.#deliverer(), key, left());
    } catch (error) {
      return this.#given.warn(
        `metrics of ${labelText(push.labels)} could not be sent and wait in ${this.#spool.directory}: ${messageOf(error)}`,
      );
    }
    await deliverOthers(await this.#deliverer(), left());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#commandEnded.abort();
    await this.#meanwhile;
    await this.#client.then(
      (client) => client[Symbol.dispose](),
      () => {},
    );
  }

  async #tellStart(): Promise<void> {
    const { options, labels, startedAtMs } = this.#given;
    const limits = { timeoutMs: options.timeout, signal: this.#commandEnded.signal };
    const deliverer = await this.#deliverer();
    // Before the start, or what an earlier run has to tell would take its place.
    await deliverEarlier(deliverer, this.#spool.keyOf(labels), limits);
    await deliverer.client.push(labels, textOf(startMetrics(startedAtMs)), {
      mode: "merge",
      ttlMs: options.ttl,
      ...limits,
    });
    await deliverAll(deliverer, limits);
  }

  /** Without room in a spool there is this one chance. What it holds from before is older, and must not come later. */
  async #sendUnkept(push: SpooledPush, why: unknown, limits: DeliveryOptions): Promise<void> {
    const { labels, mode, ttlMs, families } = push;
    try {
      const deliverer = await this.#deliverer();
      await deliverEarlier(deliverer, this.#spool.keyOf(labels), limits);
      await deliverer.client.push(labels, textOf(families), { mode, ttlMs, ...limits });
    } catch (error) {
      this.#given.warn(
        `metrics of ${labelText(labels)} could not be sent (${messageOf(error)}) and not be kept: ${messageOf(why)}`,
      );
    }
  }

  async #deliverer(): Promise<Deliverer> {
    return { spool: this.#spool, client: await this.#client, warn: this.#given.warn };
  }
}

function textOf(families: SpooledPush["families"]): string {
  return families.map(({ text }) => text).join("");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
