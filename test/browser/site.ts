import { startGateway } from "../support/gateway.ts";
import { createMovingClock } from "../support/moving-clock.ts";
import type { HttpServer } from "../support/reference.ts";

/** A gateway with its web UI, as jobs and their operators know it. */
export interface Site extends AsyncDisposable {
  /** With the route prefix, without a slash at its end. */
  readonly url: string;
  readonly gateway: HttpServer;
  /** PUTs to the group of the path behind `/metrics/job/`; resolves to the status of the answer. */
  push(path: string, body: string | Uint8Array, contentType?: string): Promise<number>;
  remove(path: string): Promise<void>;
  /** The grouping labels of all groups, as the API tells them. */
  groups(): Promise<readonly Readonly<Record<string, string>>[]>;
  /** Removes all groups. */
  wipe(): Promise<void>;
  /** Lets so many milliseconds pass on the gateway's clock, at once. */
  pass(milliseconds: number): Promise<void>;
}

export interface SiteOptions {
  /** As `--web.route-prefix` has it. */
  readonly prefix?: string;
  readonly flags?: readonly string[];
  /** Milliseconds that the gateway's clock is ahead of the machine's at first, negative for behind. */
  readonly aheadMs?: number;
}

/** Starts a gateway on an empty embedded store. */
export async function startSite({ prefix = "", flags = [], aheadMs = 0 }: SiteOptions = {}): Promise<Site> {
  await using started = new AsyncDisposableStack();
  const clock = started.use(await createMovingClock(aheadMs));
  const gateway = started.use(
    await startGateway({
      flags: [`--web.route-prefix=${prefix}/`, "--web.enable-admin-api", ...flags],
      env: clock.env,
      readyPath: `${prefix}/-/ready`,
    }),
  );
  const url = gateway.url + prefix;
  const all = started.move();
  return {
    url,
    gateway,
    async push(path, body, contentType) {
      const headers = contentType === undefined ? {} : { "Content-Type": contentType };
      const answer = await fetch(`${url}/metrics/job/${path}`, { method: "PUT", body, headers });
      return answer.status;
    },
    remove: async (path) => void (await fetch(`${url}/metrics/job/${path}`, { method: "DELETE" })),
    async groups() {
      const answer = await fetch(`${url}/api/v1/groups?limit=1000`);
      const { data } = (await answer.json()) as { readonly data: Listing }; // the API's, tested elsewhere
      return data.groups.map(({ labels }) => labels);
    },
    wipe: async () => void (await fetch(`${url}/api/v1/admin/wipe`, { method: "PUT" })),
    pass: (milliseconds) => clock.pass(milliseconds, gateway.process),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

interface Listing {
  readonly groups: readonly { readonly labels: Readonly<Record<string, string>> }[];
}
