/** Whether the Sentinels are about to replace the primary: it may answer all the same, and what it takes then is lost. */
import type { Redis } from "ioredis";
import { type SentinelEndpoint, sentinelClientOptions } from "./endpoint.ts";

export interface Doubts {
  /**
   * What the Sentinels have against the primary, for a message; undefined = nothing. One that does not answer within a quarter of a
   * second has no say: it may be dead, which nobody shall notice. Never rejects.
   */
  find(): Promise<string | undefined>;
  close(): void;
}

/** How long a Sentinel may take to answer, to hang up, and how soon one that does not answer is tried again. */
const answerMs = 250;
const disconnectTimeoutMs = 500;
const reconnectMs = 1_000;

/** Connections of their own to all Sentinels, kept open: `watchFailovers` has those that listen. */
export function createDoubts(Client: typeof Redis, endpoint: SentinelEndpoint): Doubts {
  const { masterName } = endpoint;
  const sentinels = sentinelClientOptions(endpoint).map((options) => {
    const client = new Client({
      ...options,
      protocol: 2,
      connectTimeout: answerMs,
      commandTimeout: answerMs,
      socketTimeout: answerMs,
      disconnectTimeout: disconnectTimeoutMs,
      retryStrategy: () => reconnectMs,
      enableReadyCheck: false,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
    });
    client.on("error", () => {});
    const { promise: tried, resolve } = Promise.withResolvers<void>();
    client.once("ready", resolve);
    client.once("close", resolve);
    return { client, tried };
  });

  const ask = async ({ client, tried }: (typeof sentinels)[number]): Promise<Opinion | undefined> => {
    await tried;
    const answer = await client.call("SENTINEL", "MASTER", masterName).catch(() => undefined);
    return Array.isArray(answer) ? opinion(answer.map(String)) : undefined;
  };

  return {
    async find() {
      const opinions = await Promise.all(sentinels.map(ask));
      return doubtOf(opinions.filter((each) => each !== undefined));
    },
    close() {
      for (const { client } of sentinels) client.disconnect();
    },
  };
}

/** What one Sentinel thinks of the primary. */
export interface Opinion {
  /** `s_down`: does not answer me; `o_down`: enough of us say so; `failover_in_progress`: I am replacing it. */
  readonly flags: readonly string[];
  /** How many have to say that it is down before one of them may replace it. */
  readonly quorum: number;
}

/** From the reply to SENTINEL MASTER: names and values by turns. */
function opinion(reply: readonly string[]): Opinion {
  const after = (name: string) => reply[reply.findIndex((text, at) => at % 2 === 0 && text === name) + 1];
  return { flags: (after("flags") ?? "").split(","), quorum: Number(after("quorum")) };
}

/**
 * Undefined when no failover is under way, nor could begin before the Sentinels have looked at the primary again: one of them alone
 * that cannot reach it has no say.
 */
export function doubtOf(opinions: readonly Opinion[]): string | undefined {
  const having = (flag: string) => opinions.filter(({ flags }) => flags.includes(flag));
  if (having("failover_in_progress").length > 0) return "a Sentinel is replacing it";
  if (having("o_down").length > 0) return "the Sentinels call it down";
  const down = having("s_down");
  if (down.some(({ quorum }) => down.length >= quorum))
    return `${down.length} of the Sentinels cannot reach it`;
  return undefined;
}
