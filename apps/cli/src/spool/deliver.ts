import { setTimeout as delay } from "node:timers/promises";
import { type Client, ClientError } from "@pushfleet/client";
import { labelText } from "../grouping.ts";
import type { Spool } from "./spool.ts";
import type { FamilyText, SpooledPush } from "./spooled-push.ts";

export interface Deliverer {
  readonly spool: Spool;
  readonly client: Client;
  /** Told what is lost for good. */
  warn(message: string): void;
}

/** How long one push may take at most, and then again: longer claims would block others for long when their process is killed. */
const longestAttemptMs = 30_000;
const busyPauseMs = 20;

/**
 * Sends what waits of one group. Resolves when nothing of it waits any more, because it was delivered, refused or is with another
 * process that delivers it.
 *
 * @throws ClientError when it could not be delivered in time; it waits on then
 */
export async function deliverGroup(
  { spool, client, warn }: Deliverer,
  key: string,
  { timeoutMs, signal }: DeliveryOptions,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const left = deadline - performance.now();
    const attemptMs = Math.max(1, Math.min(left, longestAttemptMs));
    const claim = await spool.claim(key, { forMs: attemptMs });
    if (claim === "none") return;
    if (claim === "busy") {
      if (left <= 0 || signal?.aborted === true)
        throw new ClientError("timeout", "another process is still sending metrics of this group");
      await delay(busyPauseMs);
      continue;
    }
    try {
      await pushAllButRefused(claim.push, client, {
        warn,
        signal,
        deadline: Math.min(deadline, performance.now() + attemptMs),
      });
    } catch (error) {
      await claim.giveBack();
      throw error;
    }
    await claim.settle();
    return;
  }
}

/**
 * Sends what waits of a group before something newer is sent by itself. A spool that cannot be read has nothing to send.
 *
 * @throws ClientError when it could not be delivered in time
 */
export async function deliverEarlier(
  deliverer: Deliverer,
  key: string,
  options: DeliveryOptions,
): Promise<void> {
  await deliverGroup(deliverer, key, options).catch((error: unknown) => {
    if (error instanceof ClientError) throw error;
  });
}

export interface DeliveryOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends what waits of all groups. Ends soon after the first that cannot be delivered, unless it is only that this group may not be
 * pushed to. @throws the first error
 */
export async function deliverAll(
  deliverer: Deliverer,
  { timeoutMs, signal }: DeliveryOptions,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  const waiting = (await deliverer.spool.keys()).values();
  const failures: unknown[] = [];
  const worker = async () => {
    for (const key of waiting) {
      if (!failures.every(isForbidden)) return;
      const left = { timeoutMs: deadline - performance.now(), signal };
      await deliverGroup(deliverer, key, left).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: deliveriesAtOnce }, worker));
  if (failures.length > 0) throw failures[0];
}

const deliveriesAtOnce = 4;

/** How long those who have told their own may go on with what waits of others. */
const forOthersMs = 2_000;

/** Sends what waits of other groups, for a short while: what cannot be delivered waits on. */
export async function deliverOthers(
  deliverer: Deliverer,
  { timeoutMs, signal }: DeliveryOptions,
): Promise<void> {
  await deliverAll(deliverer, { timeoutMs: Math.min(timeoutMs, forOthersMs), signal }).catch(() => {});
}

interface PushOptions {
  readonly signal: AbortSignal | undefined;
  /** By `performance.now()`. */
  readonly deadline: number;
  warn(message: string): void;
}

/**
 * A family that the gateway refuses, because others push it with another type for instance, must not take the others along: what
 * is refused is sent again in halves, until the family is found. It is told and left out.
 */
async function pushAllButRefused(push: SpooledPush, client: Client, options: PushOptions): Promise<void> {
  const { labels } = push;
  const ttlMs = remainingTtl(push);
  if (ttlMs === "over") return;
  const { warn, signal, deadline } = options;
  let mode = push.mode;
  const send = async (families: readonly FamilyText[]): Promise<void> => {
    try {
      const timeoutMs = Math.max(1, deadline - performance.now());
      await client.push(labels, families.map(({ text }) => text).join(""), {
        mode,
        ttlMs,
        timeoutMs,
        signal,
      });
      mode = "merge"; // What is sent after it must not drop it.
    } catch (error) {
      if (!isRefused(error)) throw error;
      const [first, ...others] = families;
      if (first === undefined || others.length === 0) {
        warn(
          `${first?.name ?? "an empty push"} of ${labelText(labels)} was refused: ${error.answer || error.message}`,
        );
        return;
      }
      const half = Math.ceil(families.length / 2);
      await send(families.slice(0, half));
      await send(families.slice(half));
    }
  };
  await send(push.families);
}

/** Other groups may be another's, whose credentials let in. */
function isForbidden(error: unknown): boolean {
  return error instanceof ClientError && error.code === "forbidden";
}

/** Repeating it would not help. */
function isRefused(error: unknown): error is ClientError {
  return error instanceof ClientError && (error.code === "refused" || error.code === "too-large");
}

/** A time to live counts from when the job ended, however late its metrics arrive. */
function remainingTtl({ ttlMs, atMs }: SpooledPush): number | undefined | "over" {
  if (ttlMs === undefined || ttlMs === 0) return ttlMs;
  const left = atMs + ttlMs - Date.now();
  return left > 0 ? Math.ceil(left) : "over";
}
