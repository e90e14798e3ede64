import type { PeerRule } from "@pushfleet/config";
import {
  type BucketsAnswer,
  batchMediaType,
  bucketsParameter,
  type ChangesAnswer,
  Digest,
  type DigestAnswer,
  type Refusal,
  type Standing,
} from "@pushfleet/federation";
import type { RegionId } from "@pushfleet/store";
import { CredentialKeeper } from "./credentials.ts";
import { LinkError } from "./link-error.ts";
import { type Exchange, request } from "./request.ts";

/** The gateways of another region. All methods reject LinkError; asking again is always safe. */
export interface PeerLink {
  /** Resolves once all states of the batch are in effect there, but those that the answer tells of. */
  send(batch: Uint8Array): Promise<ChangesAnswer>;
  digest(): Promise<{ readonly digest: Digest; readonly history: string }>;
  /** The hashes of the groups in these buckets, by their ids. At most `maxBucketsAsked`. */
  buckets(buckets: readonly number[]): Promise<ReadonlyMap<string, string>>;
  close(): void;
}

export interface PeerLinkOptions {
  readonly peer: PeerRule & { readonly id: RegionId };
  /** Called with each answer, and with the moment at which the peer's clock told it, about: of `performance.now()`. */
  readonly onAnswer: (standing: Standing, atMs: number) => void;
}

const sendTimeoutMs = 10_000;
/** What a link has to carry at least: the time allowed grows with the batch, or a slow one would never get through. */
const leastBytesPerMs = 64;
/** The peer goes through all of its groups for it, and takes its time. */
const compareTimeoutMs = 120_000;

export function createPeerLink({ peer, onAnswer }: PeerLinkOptions): PeerLink {
  const { id, url } = peer;
  const credentials = new CredentialKeeper(peer);

  const ask = async (path: string, options: { body?: Uint8Array; timeoutMs: number }): Promise<Standing> => {
    const { token, agent } = readCredentials();
    const exchange = await request(`${url}/federation/v1/${path}`, {
      ...options,
      agent,
      headers: {
        Accept: "application/json",
        ...(token === "" ? {} : { Authorization: `Bearer ${token}` }),
        ...(options.body === undefined ? {} : { "Content-Type": batchMediaType }),
      },
    });
    const answer = standingOf(exchange, url);
    if (answer.region !== id) {
      throw new LinkError(
        "wrong-region",
        `the gateways at ${url} are of the region "${firstLine(answer.region)}", not "${id}"`,
      );
    }
    onAnswer(answer, (exchange.sentAtMs + exchange.answeredAtMs) / 2);
    return answer;
  };

  const readCredentials = () => {
    try {
      return credentials.current();
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new LinkError("credentials", `what to show to ${url} cannot be read: ${why}`, { cause });
    }
  };

  return {
    async send(body) {
      const answer = await ask("changes", {
        body,
        timeoutMs: sendTimeoutMs + Math.ceil(body.length / leastBytesPerMs),
      });
      if (!isChangesAnswer(answer)) throw badAnswer(url);
      return answer;
    },

    async digest() {
      const answer = await ask("digests", { timeoutMs: compareTimeoutMs });
      const { digest: text } = answer as Partial<DigestAnswer>; // looked at in the next line
      const digest = typeof text === "string" ? Digest.fromText(text) : undefined;
      if (digest === undefined) throw badAnswer(url);
      return { digest, history: answer.history };
    },

    async buckets(buckets) {
      const path = `digests?buckets=${bucketsParameter(buckets)}`;
      const { groups } = (await ask(path, { timeoutMs: compareTimeoutMs })) as Partial<BucketsAnswer>; // looked at below
      if (typeof groups !== "object" || groups === null) throw badAnswer(url);
      return new Map(Object.entries(groups));
    },

    close: () => credentials.close(),
  };
}

function standingOf({ status, text }: Exchange, url: string): Standing {
  if (status === 401 || status === 403) {
    const why = status === 401 ? "does not know" : "does not allow";
    throw new LinkError(
      "credentials",
      `${url} answered ${status}: it ${why} what it was shown; look at the token file and certificate here, and at the role "federate" there`,
    );
  }
  if (status === 404) {
    throw new LinkError(
      "wrong-region",
      `${url} answered 404: the gateways there have no --federation.region, or the URL is wrong`,
    );
  }
  if (status === 413) throw new LinkError("too-large", `${url} answered 413: ${firstLine(text)}`);
  if (status !== 200) throw new LinkError("refused", `${url} answered ${status}: ${firstLine(text)}`);
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (cause) {
    throw new LinkError("bad-answer", `${url} answered what is not JSON`, { cause });
  }
  if (!isStanding(answer)) throw badAnswer(url);
  return answer;
}

function isStanding(value: unknown): value is Standing {
  if (typeof value !== "object" || value === null) return false;
  const { region, history, now_micros } = value as Partial<Record<keyof Standing, unknown>>; // looked at here
  return typeof region === "string" && typeof history === "string" && Number.isSafeInteger(now_micros);
}

function isChangesAnswer(answer: Standing): answer is ChangesAnswer {
  const { outcomes } = answer as Partial<ChangesAnswer>; // looked at here
  return (
    typeof outcomes === "object" &&
    outcomes !== null &&
    Number.isSafeInteger(outcomes.merged) &&
    Number.isSafeInteger(outcomes.changed) &&
    Array.isArray(outcomes.refused) &&
    outcomes.refused.every(isRefusal)
  );
}

function isRefusal(value: unknown): value is Refusal {
  if (typeof value !== "object" || value === null) return false;
  const { id, reason, detail } = value as Partial<Record<keyof Refusal, unknown>>; // looked at here
  return typeof id === "string" && (reason === "ahead" || reason === "invalid") && typeof detail === "string";
}

function badAnswer(url: string): LinkError {
  return new LinkError("bad-answer", `${url} answered something else than a gateway of Pushfleet does`);
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]?.slice(0, 200) ?? "";
}
