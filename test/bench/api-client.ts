import { Agent, request } from "node:http";

/** Parameters of `GET /api/v1/groups`. */
export type GroupsQuery = Readonly<Record<string, string>>;

export interface ApiAnswer {
  /** From sending the request to the last byte: with the client's own work, so no less than what the server took. */
  readonly milliseconds: number;
  readonly body: Buffer;
}

/** One client of the query API: one keep-alive connection, one request at a time. */
export interface ApiClient extends Disposable {
  /** Rejects unless the answer is 200. */
  groups(query: GroupsQuery): Promise<ApiAnswer>;
}

export function createApiClient(port: number): ApiClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    groups: (query) =>
      new Promise((resolve, reject) => {
        const path = `/api/v1/groups?${new URLSearchParams(query)}`;
        const start = performance.now();
        const outgoing = request({ host: "127.0.0.1", port, agent, path }, (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () => {
            const milliseconds = performance.now() - start;
            const body = Buffer.concat(chunks);
            if (response.statusCode === 200) resolve({ milliseconds, body });
            else reject(new Error(`GET ${path} was answered ${response.statusCode}: ${body}`));
          });
        });
        outgoing.on("error", reject);
        outgoing.end();
      }),
    [Symbol.dispose]: () => agent.destroy(),
  };
}

/** How many groups passed the filters of an answered query. */
export function matchedIn({ body }: ApiAnswer): number {
  const { data } = JSON.parse(body.toString()) as { readonly data: { readonly matched: number } }; // openapi.yaml
  return data.matched;
}
