import { randomUUID } from "node:crypto";
import { hostname } from "node:os";

/** What tells this process from others, for those that work with it. */
export interface ProcessIdentity {
  /** No other process has it, nor the next one in this one's place. */
  readonly id: string;
  /** For people: host and port. */
  readonly name: string;
}

/**
 * Named by the first of the addresses it listens on. One that means every interface says nothing to others: the host's name
 * stands for it.
 */
export function identifyProcess(
  listensOn: readonly { readonly host: string; readonly port: number }[],
): ProcessIdentity {
  const { host, port } = listensOn[0] ?? { host: "", port: 0 };
  const isEveryInterface = host === "" || host === "0.0.0.0" || host === "::";
  const name = isEveryInterface ? hostname() : host.includes(":") ? `[${host}]` : host;
  return { id: randomUUID(), name: `${name}:${port}` };
}
