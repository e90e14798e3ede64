/** Pushes with a time to live, and what became of them. */
export interface TtlClient {
  /** Pushes `m <value>` to `/metrics/job/…`; `path` begins with the job and may have a query. */
  push(path: string, options?: PushRequest): Promise<{ readonly status: number; readonly text: string }>;
  /** The group of the job, as the API shows it. Undefined when there is none. */
  group(job: string): Promise<ShownGroup | undefined>;
  /** The sample lines of `m` on a scrape. */
  scrape(): Promise<readonly string[]>;
}

interface PushRequest {
  readonly value?: number;
  /** Instead of `m <value>`. */
  readonly body?: string;
  /** The header `Pushfleet-TTL`. */
  readonly header?: string;
  /** Absent = PUT. */
  readonly method?: "PUT" | "POST";
}

export interface ShownGroup {
  readonly labels: Readonly<Record<string, string>>;
  readonly expires_at?: string;
  readonly remaining_ttl_seconds?: number;
  readonly push_time_seconds: { readonly time_stamp: string };
  readonly [family: string]: unknown;
}

export function createTtlClient(url: string): TtlClient {
  return {
    async push(path, { value = 1, body = `m ${value}\n`, header, method = "PUT" } = {}) {
      const headers = header === undefined ? {} : { "Pushfleet-TTL": header };
      const response = await fetch(`${url}/metrics/job/${path}`, { method, body, headers });
      return { status: response.status, text: await response.text() };
    },
    async group(job) {
      const response = await fetch(`${url}/api/v1/metrics`);
      const { data } = (await response.json()) as { data: readonly ShownGroup[] }; // the shape of the API
      return data.find(({ labels }) => labels["job"] === job);
    },
    async scrape() {
      const text = await (await fetch(`${url}/metrics`)).text();
      return text.split("\n").filter((line) => line.startsWith("m{"));
    },
  };
}
