import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startFederator } from "../../support/federator.ts";
import { startGateway } from "../../support/gateway.ts";
import { startHaproxy } from "../../support/haproxy.ts";
import { freePort } from "../../support/ports.ts";
import type { ProcessLog } from "../../support/process-log.ts";
import { type RedisProcess, startRedisProcess } from "../../support/redis-process.ts";
import { type Member, startMember } from "./member.ts";

/**
 * Redis, two gateways behind HAProxy, and federators once it has peers. As docs/regions.md has it where processors are few, one more
 * gateway takes what other regions bring, and both it and the federators yield to the rest.
 */
export interface Region extends AsyncDisposable {
  readonly id: string;
  /** Of HAProxy: where jobs push, Prometheus scrapes and other regions deliver. */
  readonly url: string;
  /** The third is for what other regions bring. */
  readonly gateways: readonly [Member, Member, Member];
  readonly federators: readonly Member[];
  readonly redis: RedisProcess;
  /** Starts federators that ship to these addresses, by the ids of the peers. Resolves when all are ready. */
  join(peers: ReadonlyMap<string, string>, options?: FederatorOptions): Promise<void>;
  /** All its processes with SIGKILL. */
  kill(): Promise<void>;
  /** After `kill`: all of them again, where they were and with what Redis has on its disk. */
  restart(): Promise<void>;
  /** After `kill`: Redis has nothing on its disk any more. */
  loseDisk(): Promise<void>;
  /** What its federators show to peers from now on; that of all regions is `federatorToken`. */
  showToken(token: string): Promise<void>;
  logs(): readonly ProcessLog[];
}

export interface RegionOptions {
  /** Of Redis, e.g. for another clock. */
  readonly redisEnv?: Readonly<Record<string, string>>;
  /** Of both gateways. */
  readonly gatewayFlags?: readonly string[];
}

export interface FederatorOptions {
  /** 1 unless set. */
  readonly count?: number;
  readonly flags?: readonly string[];
}

/** What a federator has to show to the gateways of its peers. */
export const federatorToken = "token-of-federators";

/** Jobs are known by nothing and may do what jobs do; only who has the token may bring what happened elsewhere. */
const accessRules = `access:
  identities:
    - name: anyone
      allow: [{ roles: [push, delete, scrape, read] }]
    - name: federators
      token_sha256: [${createHash("sha256").update(federatorToken).digest("hex")}]
      allow: [{ roles: [federate] }]
`;

export async function startRegion(id: string, options: RegionOptions = {}): Promise<Region> {
  await using started = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), `pushfleet-region-${id}-`));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const [data, rulesFile, tokenFile] = [
    join(folder, "redis"),
    join(folder, "rules.yml"),
    join(folder, "token"),
  ];
  const showToken = (token: string) => writeFile(tokenFile, `${token}\n`);
  await Promise.all([mkdir(data), writeFile(rulesFile, accessRules), showToken(federatorToken)]);

  const redisPort = await freePort();
  const redis = started.use(
    await startRedisProcess({
      mode: "server",
      host: "127.0.0.1",
      port: redisPort,
      directory: data,
      // As ops/redis/redis.conf has it.
      settings: ["appendonly yes", "appendfsync everysec", 'save ""'],
      ...(options.redisEnv === undefined ? {} : { env: options.redisEnv }),
    }),
  );
  const common = [`--redis.url=redis://127.0.0.1:${redisPort}`, `--federation.region=${id}`];
  const gateway = async (name: string, { yields = false } = {}) => {
    const port = await freePort();
    const flags = [...common, `--config.file=${rulesFile}`, ...(options.gatewayFlags ?? [])];
    return started.use(await startMember(name, () => startGateway({ port, flags, yields })));
  };
  const [first, second, forRegions] = await Promise.all([
    gateway(`gateway-${id}1`),
    gateway(`gateway-${id}2`),
    gateway(`gateway-${id}-for-regions`, { yields: true }),
  ]);
  const port = await freePort();
  const balancer = started.use(
    await startMember(`haproxy-${id}`, () =>
      startHaproxy([first.url, second.url, second.url], { port, gatewayForRegions: forRegions.url }),
    ),
  );
  const federators: Member[] = [];
  const members = () => [balancer, first, second, forRegions, ...federators];

  const all = started.move();
  return {
    id,
    url: balancer.url,
    gateways: [first, second, forRegions],
    federators,
    redis,
    async join(peers, { count = 1, flags = [] } = {}) {
      const peerFlags = [...peers].map(([peer, url]) => `--federation.peers=${peer}=${url}`);
      const tokenFlag = `--federation.token-file=${tokenFile}`;
      const federator = async (number: number) => {
        const port = await freePort();
        const start = () =>
          startFederator({ port, flags: [...common, ...peerFlags, tokenFlag, ...flags], yields: true });
        federators.push(all.use(await startMember(`federator-${id}${number}`, start)));
      };
      await Promise.all(Array.from({ length: count }, (_, index) => federator(index + 1)));
    },
    async kill() {
      await Promise.all([redis.kill(), ...members().map((member) => member.kill())]);
    },
    async restart() {
      await redis.restart();
      await Promise.all([first, second].map((member) => member.start()));
      await balancer.start();
      await Promise.all([forRegions, ...federators].map((member) => member.start()));
    },
    loseDisk: () => rm(join(data, "appendonlydir"), { recursive: true }),
    showToken,
    logs: () => [
      ...members().map(({ name, log }) => ({ name, text: log() })),
      { name: `redis-${id}`, text: redis.log() },
    ],
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
