import { startGateway } from "../support/gateway.ts";
import { startRedis } from "../support/redis.ts";
import { type HttpServer, startReference } from "../support/reference.ts";
import { type ComparedServer, createComparedServer } from "./server.ts";

/** The two stores that have to answer alike. */
export const STORES = ["embedded", "redis"] as const;
export type Store = (typeof STORES)[number];

/** A gateway of one store, with whatever it needs. */
export async function startTarget(store: Store, flags: readonly string[] = []): Promise<HttpServer> {
  if (store === "embedded") return startGateway({ flags });
  const redis = await startRedis();
  try {
    const gateway = await startGateway({ redisUrl: redis.url, flags });
    return {
      url: gateway.url,
      process: gateway.process,
      [Symbol.asyncDispose]: async () => {
        await gateway[Symbol.asyncDispose]();
        await redis[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await redis[Symbol.asyncDispose]();
    throw error;
  }
}

/** The reference and one of our gateways, both empty and with the admin API on. */
export interface Pair extends AsyncDisposable {
  readonly reference: ComparedServer;
  readonly ours: ComparedServer;
}

const ADMIN = "--web.enable-admin-api";

export async function startPair(store: Store): Promise<Pair> {
  await using stack = new AsyncDisposableStack();
  const [theirs, ours] = await Promise.all([startReference([ADMIN]), startSubject(store)]);
  stack.use(theirs);
  stack.use(ours);
  const owned = stack.move();
  return {
    reference: owned.use(createComparedServer({ name: "reference", url: theirs.url, queues: true })),
    ours: owned.use(createComparedServer({ name: store, url: ours.url, queues: ours.queues })),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** PUSHFLEET_CONFORMANCE_SELF=1 compares the reference with a second copy of itself: a test of the tests. */
async function startSubject(store: Store): Promise<HttpServer & { readonly queues: boolean }> {
  const itself = process.env["PUSHFLEET_CONFORMANCE_SELF"] === "1";
  const server = itself ? await startReference([ADMIN]) : await startTarget(store, [ADMIN]);
  return { ...server, queues: itself };
}
