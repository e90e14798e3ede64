import { ApiFailure, failureOf } from "./failure.ts";
import type { Cluster, Deletion, GroupDetail, GroupPage, JobPage, Status, View } from "./types.ts";

/** The gateway's API. Every method throws ApiFailure, or what aborting its signal throws. */
export interface Api {
  groups(query: URLSearchParams, signal: AbortSignal): Promise<GroupPage>;
  group(id: string, signal: AbortSignal): Promise<GroupDetail>;
  jobs(query: URLSearchParams, signal: AbortSignal): Promise<JobPage>;
  cluster(signal: AbortSignal): Promise<Cluster>;
  status(signal: AbortSignal): Promise<Status>;
  /** How many groups the selector matches. */
  countMatching(selector: string, signal: AbortSignal): Promise<number>;
  /** Deletes what the selector matches, nothing when that is more than `max`. */
  deleteMatching(selector: string, max: number): Promise<Deletion>;
  /** @param pushPath From `/metrics/job/` on. A group that is gone already is no error. */
  deleteGroup(pushPath: string): Promise<void>;
  /** Where others push to, for people to copy. @param pushPath From `/metrics/job/` on. */
  addressOf(pushPath: string): string;
}

/** The store's clock, and how old the state is that the answer tells of. */
export type ViewAge = Pick<View, "now" | "view_age_seconds">;

/**
 * @param options.base The address the UI is served under, with a slash at its end.
 * @param options.observe Gets every answer that tells of the store's state.
 * @param options.onSignedOut Is told when the gateway wants credentials that the browser has not.
 */
export function createApi({
  base,
  observe,
  onSignedOut,
}: {
  readonly base: string;
  readonly observe: (view: ViewAge) => void;
  readonly onSignedOut: () => void;
}): Api {
  const address = (path: string, query = new URLSearchParams()) =>
    new URL(query.size === 0 ? path : `${path}?${query}`, base);
  const addressOf = (pushPath: string) => address(pushPath.replace(/^\//, ""));

  async function send(url: URL, init: RequestInit): Promise<Response> {
    const response = await fetch(url, { ...init, cache: "no-store" }).catch((cause: unknown) => {
      init.signal?.throwIfAborted();
      throw new ApiFailure("unreachable", "The gateway does not answer.", { cause });
    });
    if (response.ok) return response;
    if (response.status === 401) onSignedOut();
    throw failureOf(response.status, response.headers.get("Content-Type") ?? "", await response.text());
  }

  async function read<T extends View>(url: URL, signal: AbortSignal): Promise<T> {
    const view = await dataOf<T>(await send(url, { signal }));
    observe(view);
    return view;
  }

  async function remove(parameters: Readonly<Record<string, string>>, signal?: AbortSignal) {
    const url = address("api/v1/groups", new URLSearchParams(parameters));
    return dataOf<Deletion>(await send(url, { method: "DELETE", signal: signal ?? null }));
  }

  return {
    groups: (query, signal) => read(address("api/v1/groups", query), signal),
    group: (id, signal) => read(address(`api/v1/groups/${encodeURIComponent(id)}`), signal),
    jobs: (query, signal) => read(address("api/v1/jobs", query), signal),
    cluster: async (signal) => {
      const cluster = await dataOf<Cluster>(await send(address("api/v1/cluster"), { signal }));
      observe({ now: cluster.now, view_age_seconds: cluster.store.view_age_seconds });
      return cluster;
    },
    status: async (signal) => dataOf(await send(address("api/v1/status"), { signal })),
    countMatching: async (selector, signal) =>
      (await remove({ "match[]": selector, dry_run: "true" }, signal)).matched,
    deleteMatching: (selector, max) => remove({ "match[]": selector, max: String(max) }),
    deleteGroup: async (pushPath) => {
      await send(addressOf(pushPath), { method: "DELETE" });
    },
    addressOf: (pushPath) => addressOf(pushPath).href,
  };
}

/** The `data` of a successful answer, trusted to be what the contract says. */
async function dataOf<T>(response: Response): Promise<T> {
  try {
    const answer = (await response.json()) as { readonly data: T }; // the contract's
    return answer.data;
  } catch (cause) {
    if (cause instanceof DOMException) throw cause; // aborted
    throw new ApiFailure("unreadable", "The gateway's answer cannot be read: is a proxy in between?", {
      cause,
    });
  }
}
