import { type GatewayOptions, startGateway } from "../support/gateway.ts";
import { type LoadBalancer, startHaproxy } from "../support/haproxy.ts";
import { freePort } from "../support/ports.ts";
import type { ProcessLog } from "../support/process-log.ts";
import type { HttpServer } from "../support/reference.ts";
import type { ScrapeTarget } from "./checker/load.ts";

/** Three gateways behind HAProxy. */
export interface Fleet extends AsyncDisposable {
  readonly balancer: LoadBalancer;
  readonly replicas: readonly [Replica, Replica, Replica];
  /** The load balancer and every replica. */
  readonly targets: readonly ScrapeTarget[];
  logs(): readonly ProcessLog[];
}

/** One of the gateways; keeps its name and address when it is started anew. */
export interface Replica extends ScrapeTarget, AsyncDisposable {
  pid(): number;
  /** Sends the signal and resolves when the gateway has ended, to its exit code (null: ended by the signal). */
  stop(signal: NodeJS.Signals): Promise<number | null>;
  /** After `stop`: resolves when it is ready. */
  start(): Promise<void>;
  log(): string;
}

/** How the gateways are started, e.g. the address of Redis. */
export async function startFleet(options: Omit<GatewayOptions, "port">): Promise<Fleet> {
  await using started = new AsyncDisposableStack();
  const replica = async (number: number) => started.use(await startReplica(`gateway-${number}`, options));
  const replicas = await Promise.all([replica(1), replica(2), replica(3)]);
  const [first, second, third] = replicas;
  const balancer = started.use(await startHaproxy([first.url, second.url, third.url]));
  const all = started.move();
  return {
    balancer,
    replicas,
    targets: [{ name: loadBalancer, url: balancer.url }, ...replicas],
    logs: () => [
      ...replicas.map(({ name, log }) => ({ name, text: log() })),
      { name: "haproxy", text: balancer.process.output() },
    ],
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Name of the load balancer among the targets of the readers. */
export const loadBalancer = "load balancer";

export async function startReplica(name: string, options: Omit<GatewayOptions, "port">): Promise<Replica> {
  const port = await freePort();
  const start = () => startGateway({ ...options, port });
  let gateway: HttpServer = await start();
  let earlierLog = "";
  return {
    name,
    url: gateway.url,
    pid: () => gateway.process.pid,
    stop: (signal) => gateway.process.stop(signal),
    async start() {
      earlierLog += gateway.process.output();
      gateway = await start();
    },
    log: () => earlierLog + gateway.process.output(),
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}
