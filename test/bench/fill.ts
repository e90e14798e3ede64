import { Agent, request } from "node:http";
import { BODY_VARIANTS, groupPath, pushBody } from "./workload.ts";

const CONNECTIONS = 32;

export interface FillOptions {
  readonly port: number;
  /** Numbers of the groups to push, in this order. */
  readonly groups: Iterable<number>;
  readonly signal: AbortSignal;
  readonly authorization?: string | undefined;
}

/** Pushes each group once over keep-alive connections. Rejects when one is not answered with 200 or 202. */
export async function pushGroups({ port, groups, signal, authorization }: FillOptions): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const bodies = Array.from({ length: BODY_VARIANTS }, (_, variant) => Buffer.from(pushBody(variant)));
  const remaining = groups[Symbol.iterator]();
  const pushRemaining = async () => {
    for (let next = remaining.next(); !next.done; next = remaining.next()) {
      signal.throwIfAborted();
      const body = bodies[Math.floor(Math.random() * bodies.length)] ?? Buffer.of();
      await put({ agent, port, path: groupPath(next.value), body, authorization });
    }
  };
  try {
    await Promise.all(Array.from({ length: CONNECTIONS }, pushRemaining));
  } finally {
    agent.destroy();
  }
}

/** All numbers below `count`. */
export function* allGroups(count: number): Iterable<number> {
  for (let group = 0; group < count; group++) yield group;
}

/** Distinct random numbers below `count`: `share` (0 to 1) of them, all in random order when it is 1. */
export function randomGroups(count: number, share: number): readonly number[] {
  const numbers = [...allGroups(count)];
  const wanted = Math.round(count * share);
  for (let at = 0; at < wanted; at++) {
    const other = at + Math.floor(Math.random() * (count - at));
    const chosen = numbers[other] ?? 0;
    numbers[other] = numbers[at] ?? 0;
    numbers[at] = chosen;
  }
  return numbers.slice(0, wanted);
}

interface Put {
  readonly agent: Agent;
  readonly port: number;
  readonly path: string;
  readonly body: Buffer;
  readonly authorization: string | undefined;
}

function put({ agent, port, path, body, authorization }: Put): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      "Content-Type": "text/plain; version=0.0.4",
      "Content-Length": body.length,
      ...(authorization === undefined ? {} : { Authorization: authorization }),
    };
    const outgoing = request({ host: "127.0.0.1", port, agent, method: "PUT", path, headers }, (response) => {
      let answer = "";
      response.on("data", (chunk) => {
        answer += chunk;
      });
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode === 200 || response.statusCode === 202) resolve();
        else reject(new Error(`PUT ${path} was answered ${response.statusCode}: ${answer}`));
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
