import type { Role } from "@pushfleet/config";

/** What a request needs to be let in. `open` needs nothing. */
type Need = Role | "open";

/** Undefined = nobody gets in: what is not listed here is closed, whoever asks. */
export type Needs = (method: string, path: string) => Need | undefined;

export interface Places {
  /** "" or `/prefix`. */
  readonly prefix: string;
  readonly telemetry: string;
  /** What a path has that names a group to push to. */
  readonly groups: RegExp;
  /** True when health checks need credentials, as upstream. */
  readonly healthIsClosed: boolean;
}

/**
 * The one table of what each endpoint needs. Whether the groups concerned are within an identity's matchers is for the
 * routes to see to; here it is about getting as far as there.
 */
export function needsOf({ prefix, telemetry, groups, healthIsClosed }: Places): Needs {
  const health: ByMethod = { GET: healthIsClosed ? "read" : "open" };
  const read: ByMethod = { GET: "read" };
  const lifecycle: ByMethod = { PUT: "admin", POST: "admin", GET: "admin" };
  const exact = new Map<string, ByMethod>([
    ["/-/healthy", health],
    ["/-/ready", health],
    ["/-/metrics", { GET: "scrape" }],
    ["/-/quit", lifecycle],
    ["/-/reload", lifecycle],
    ["/api/v1/status", read],
    ["/api/v1/metrics", read],
    ["/api/v1/groups", { GET: "read", DELETE: "delete" }],
    ["/api/v1/jobs", read],
    ["/api/v1/cluster", read],
    ["/api/v1/events", read],
    ["/api/v1/openapi.yaml", read],
    ["/api/v1/admin/wipe", { PUT: "admin" }],
    ["/federation/v1/changes", { POST: "federate" }],
    ["/federation/v1/digests", { GET: "federate" }],
    ...["/", "/status", "/groups", "/jobs", "/cluster"].map((path) => [path, read] as const),
  ]);
  const inFolder: readonly (readonly [RegExp, ByMethod])[] = [
    [/^\/api\/v1\/groups\/[^/]+$/, read],
    [/^\/groups\/[^/]+$/, read],
    [/^\/assets\/[^/]+$/, read],
  ];
  const group: ByMethod = { PUT: "push", POST: "push", DELETE: "delete" };

  return (method, path) => {
    // Says which methods there are, and is asked by browsers before they send credentials.
    if (method === "OPTIONS") return "open";
    if (groups.test(path)) return needOf(group, method);
    if (path === telemetry) return needOf({ GET: "scrape" }, method);
    if (!path.startsWith(prefix)) return undefined;
    const place = path.slice(prefix.length);
    const needs = exact.get(place) ?? inFolder.find(([pattern]) => pattern.test(place))?.[1];
    return needs === undefined ? undefined : needOf(needs, method);
  };
}

type ByMethod = Readonly<Partial<Record<string, Need>>>;

function needOf(needs: ByMethod, method: string): Need | undefined {
  return Object.hasOwn(needs, method) ? needs[method] : undefined;
}
