import type { Step } from "./case.ts";
import { type Answer, createHttpClient } from "./http.ts";
import { type Observation, type ObserveOptions, observe } from "./observe.ts";

/** A server under comparison. It starts every sequence empty. */
export interface ComparedServer extends Disposable {
  readonly name: string;
  send(step: Step): Promise<Answer>;
  observe(options?: ObserveOptions & { readonly keepOwn?: boolean }): Promise<Observation>;
  /** Status of a scrape: 500 when a push has broken the reference. */
  scrapeStatus(): Promise<number>;
  wipe(): Promise<void>;
}

/** Deletes and wipes of the reference take effect after their answer; a push of this job waits for them. */
const BARRIER_JOB = "barrier-of-the-conformance-test";

/** `queues`: the server answers deletes before it applies them, so observing it takes a barrier first. */
export function createComparedServer(options: {
  readonly name: string;
  readonly url: string;
  readonly queues: boolean;
}): ComparedServer {
  const client = createHttpClient(options.url);
  let pending = false;

  async function settle(): Promise<void> {
    if (options.queues && pending) {
      // Its status says nothing: a broken reference refuses it, having worked off the queue all the same.
      await client.send({ method: "POST", path: `/metrics/job/${BARRIER_JOB}`, body: "" });
      pending = false;
    }
  }
  async function send(step: Step): Promise<Answer> {
    const answer = await client.send(step);
    if (step.method === "DELETE" || step.path.endsWith("/wipe")) pending = true;
    return answer;
  }
  return {
    name: options.name,
    send: async (step) => {
      if (step.method === "GET") await settle();
      return send(step);
    },
    observe: async (wanted = {}) => {
      await settle();
      return observe(client, { ...wanted, withoutJob: BARRIER_JOB });
    },
    scrapeStatus: async () => (await client.send({ method: "GET", path: "/metrics" })).status,
    wipe: async () => {
      const { status, body } = await send({ method: "PUT", path: "/api/v1/admin/wipe" });
      if (status !== 202) throw new Error(`${options.name} cannot be wiped: ${status} ${body}`);
    },
    [Symbol.dispose]: () => client[Symbol.dispose](),
  };
}
