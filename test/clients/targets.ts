import { startHaproxy } from "../support/haproxy.ts";
import { startRedis } from "../support/redis.ts";
import type { HttpServer } from "../support/reference.ts";
import { type ConfiguredGateway, startConfigured } from "../tls/configured-gateway.ts";
import { hashes } from "../tls/password-hashes.ts";
import { startWire, type Wire } from "./wire.ts";

export const targetNames = ["embedded", "Redis", "HAProxy"] as const;

export type TargetName = (typeof targetNames)[number];

/** Where clients push to, and where that has to be seen. */
export interface Target extends AsyncDisposable {
  readonly wire: Wire;
  /** Scrapes of every gateway, and of the load balancer. */
  scrapes(): Promise<readonly string[]>;
  /** From now on `login` is needed. */
  closeToStrangers(): Promise<void>;
}

/** The user and the password that targets want once they are closed. */
export const login = "alice:secret";

/** One gateway, or three behind HAProxy; with a Redis of their own unless they embed the store. */
export async function startTarget(name: TargetName): Promise<Target> {
  await using started = new AsyncDisposableStack();
  const use = async <T extends AsyncDisposable>(starting: Promise<T>) => started.use(await starting);
  const redis = name === "embedded" ? undefined : await use(startRedis());
  const options = redis === undefined ? {} : { redisUrl: redis.url };
  const count = name === "HAProxy" ? 3 : 1;
  const gateways = await Promise.all(Array.from({ length: count }, () => use(startConfigured("", options))));
  const urls = gateways.map(({ port }) => `http://127.0.0.1:${port}`);
  const [first = "", second = "", third = ""] = urls;
  const balancer: HttpServer | undefined =
    name === "HAProxy" ? await use(startHaproxy([first, second, third])) : undefined;
  const wire = await use(startWire(balancer?.url ?? first));
  const all = started.move();
  return {
    wire,
    scrapes: () => Promise.all([...(balancer === undefined ? [] : [balancer.url]), ...urls].map(scrape)),
    closeToStrangers: async () => void (await Promise.all(gateways.map(requirePassword))),
    [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
  };
}

/** With the password, which is of no account while none is needed. */
async function scrape(url: string): Promise<string> {
  const headers = { Authorization: `Basic ${Buffer.from(login).toString("base64")}` };
  const answer = await fetch(`${url}/metrics`, { headers });
  if (answer.status !== 200) throw new Error(`${url} answers a scrape with ${answer.status}`);
  return await answer.text();
}

function requirePassword(gateway: ConfiguredGateway): Promise<void> {
  return gateway.configure(`basic_auth_users:\n  alice: ${hashes.secret}\n`);
}
