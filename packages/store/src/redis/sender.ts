/** How commands go to Redis, and when their answers count. */
import { StoreUnavailable } from "../store.ts";
import type { Connection } from "./connect.ts";
import type { Reply } from "./reply.ts";

export interface Sender {
  /** Commands of one process take effect in the order they were sent. Rejects as ioredis does, or StoreUnavailable. */
  send(command: string, args: readonly (string | Buffer)[]): Promise<Reply>;
}

/** Answers count as they come. */
export function directSender({ redis }: Connection): Sender {
  return {
    // ioredis cannot know what a script answers: a Reply is all that Redis can send.
    send: (command, args) => redis.callBuffer(command, [...args]) as Promise<Reply>,
  };
}

export interface Acknowledgement {
  /** Replicas that must hold what was written. */
  readonly replicas: number;
  readonly timeoutMs: number;
  /** The key of the barrier. */
  readonly barrier: string;
}

interface Waiting {
  readonly command: string;
  readonly args: readonly (string | Buffer)[];
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
}

/** How long the word of the Sentinels is good for: from their first doubts to a new primary takes them longer. */
const trustMs = 50;

/**
 * Answers count once so many replicas hold everything written before, and this connection's server is thereby known not
 * to be a primary that was deposed behind our back. Reads are confirmed in the same way.
 *
 * Commands go in batches, each followed by one WAIT down the same connection, so that the same server answers all of it.
 * Before the WAIT goes a write of our own: it covers what this connection wrote, and without one it would be content with
 * what was confirmed long ago. The WAIT is never sent again: a fresh connection, which has written nothing, answers it at
 * once. Nor can it be, as commands fail with their connection (connect.ts).
 *
 * A server does nothing else for a connection that WAITs, so what arrives meanwhile makes the next batch.
 *
 * A primary that was away for some seconds, hung or restarted, may be back when the Sentinels are just replacing it by the replica
 * that has not confirmed. So answers count only while the Sentinels have nothing against it.
 *
 * Rejects StoreUnavailable when too few replicas confirm in time, or the Sentinels doubt the primary. What was written may stay or go
 * then.
 */
export function confirmedSender(connection: Connection, acknowledgement: Acknowledgement): Sender {
  const { redis } = connection;
  const { replicas, timeoutMs, barrier } = acknowledgement;
  let batch: Waiting[] = [];
  let isSending = false;
  let trustedUntil = Number.NEGATIVE_INFINITY;

  /** At once while the last look is fresh. */
  const requireTrust = async (): Promise<void> => {
    const now = performance.now();
    if (now <= trustedUntil) return;
    const doubt = await connection.doubt();
    if (doubt !== undefined)
      throw new StoreUnavailable(`Redis at ${connection.address} is not trusted: ${doubt}`);
    trustedUntil = now + trustMs;
  };

  const confirm = async (): Promise<void> => {
    const [, count] = await Promise.all([
      redis.call("INCR", barrier),
      redis.call("WAIT", replicas, timeoutMs),
      requireTrust(),
    ]);
    // Again: a server that hung has answered late.
    if (Number(count) >= replicas) return requireTrust();
    // Perhaps another server is the primary by now, and has replicas.
    connection.lookForPrimary();
    throw new StoreUnavailable(
      `Redis at ${connection.address} had ${String(count)} of ${replicas} replicas confirm within ${timeoutMs} ms`,
    );
  };

  const sendBatch = async (sent: readonly Waiting[]): Promise<void> => {
    const { stream } = redis;
    stream.cork();
    const answers = sent.map(({ command, args }) => redis.callBuffer(command, [...args]) as Promise<Reply>); // as above
    const confirmed = confirm();
    stream.uncork();
    const [confirmation, ...replies] = await Promise.allSettled([confirmed, ...answers]);
    for (const [i, { resolve, reject }] of sent.entries()) {
      const reply = replies[i];
      if (reply?.status === "rejected") reject(reply.reason);
      else if (confirmation.status === "rejected") reject(confirmation.reason);
      else if (reply !== undefined) resolve(reply.value);
    }
  };

  const sendAll = async (): Promise<void> => {
    while (batch.length > 0) {
      const sent = batch;
      batch = [];
      await sendBatch(sent);
    }
    isSending = false;
  };

  return {
    send(command, args) {
      return new Promise((resolve, reject) => {
        batch.push({ command, args, resolve, reject });
        if (isSending) return;
        isSending = true;
        setImmediate(() => void sendAll());
      });
    },
  };
}
