import { expect } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { type RedisServer, startRedis } from "../support/redis.ts";
import { readDescription } from "./description.ts";

export const stores = ["embedded", "redis"] as const;

const description = readDescription();

/** What the answers of several endpoints hold. */
interface AnyData {
  readonly groups: readonly { readonly id: string; readonly labels: { readonly job: string } }[];
  readonly jobs: readonly { readonly job: string }[];
  readonly next_cursor: string;
  readonly matched: number;
  readonly total: number;
  readonly push_path: string;
  readonly remaining_ttl_seconds: number;
  readonly flags: unknown;
}

type Query = Readonly<Record<string, string | readonly string[]>>;

interface Answer {
  readonly status: number;
  readonly data: AnyData;
  readonly error: string;
}

interface ApiClient {
  /** Asks, and compares the answer with the description. `route` is as the description writes it. */
  ask(route: string, query?: Query, options?: { method?: "get" | "delete"; path?: string }): Promise<Answer>;
  /** PUTs the body; resolves to the status. `path` follows `/metrics/job/`. */
  push(path: string, body: string): Promise<number>;
  /** Of the groups on the page, in its order. */
  jobsOf(query: Query): Promise<string[]>;
}

/** What an answer holds: of JSON the value, of anything else the text. */
export async function contentOf(answer: Response): Promise<{ contentType: string; body: unknown }> {
  const contentType = answer.headers.get("content-type") ?? "";
  const text = await answer.text();
  return { contentType, body: contentType === "application/json" ? JSON.parse(text) : text };
}

function clientOf(base: string): ApiClient {
  const ask: ApiClient["ask"] = async (route, query = {}, { method = "get", path = route } = {}) => {
    const parameters = new URLSearchParams();
    for (const [name, values] of Object.entries(query))
      for (const value of [values].flat()) parameters.append(name, value);
    const answer = await fetch(`${base}/api/v1${path}?${parameters}`, { method: method.toUpperCase() });
    const { status } = answer;
    const { contentType, body } = await contentOf(answer);
    const problems = description.problemsOf({ route, method, status, contentType, body });
    expect(problems, JSON.stringify(body)).toBeEmpty();
    const { data, error } = body as { readonly data: AnyData; readonly error: string }; // as the line before found
    return { status, data, error };
  };
  return {
    ask,
    async push(path, body) {
      return (await fetch(`${base}/metrics/job/${path}`, { method: "PUT", body })).status;
    },
    async jobsOf(query) {
      const { data } = await ask("/groups", query);
      return data.groups.map(({ labels }) => labels.job);
    },
  };
}

export interface Api extends ApiClient, AsyncDisposable {
  readonly url: string;
  readonly redis: RedisServer | undefined;
}

/** Starts a gateway of the test's own. */
export async function startApi(
  store: (typeof stores)[number],
  { flags = [] }: { readonly flags?: readonly string[] } = {},
): Promise<Api> {
  await using started = new AsyncDisposableStack();
  const redis = store === "redis" ? started.use(await startRedis()) : undefined;
  const gateway = started.use(
    await startGateway({ flags, ...(redis === undefined ? {} : { redisUrl: redis.url }) }),
  );
  const all = started.move();
  return {
    url: gateway.url,
    redis,
    ...clientOf(gateway.url),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
