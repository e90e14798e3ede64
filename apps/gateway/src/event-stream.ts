import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Snapshot, View } from "@pushfleet/view";
import { momentOf } from "./api/answer.ts";
import { ChangeWatch, type SeenChanges } from "./change-watch.ts";

export interface EventStreamOptions {
  readonly view: View;
  /** For followers of this stream and perhaps others. */
  readonly seats: Seats;
  /** Milliseconds between two looks at the store, at least; at most one event of a kind is sent for each. */
  readonly everyMs?: number;
  /** After a look passes at least so many times what it took, so that in a flood of pushes looking costs them little. */
  readonly restFactor?: number;
  /** Milliseconds of silence after which something is sent, so that proxies and dead connections show themselves. */
  readonly silenceMs?: number;
  /** What may wait in a connection until its client counts as too slow, bytes. */
  readonly maxWaiting?: number;
}

/** How many may follow at a time. */
export class Seats {
  readonly #count: number;
  #taken = 0;

  constructor(count: number) {
    this.#count = count;
  }

  get taken(): number {
    return this.#taken;
  }

  get areTaken(): boolean {
    return this.#taken >= this.#count;
  }

  take(): void {
    this.#taken++;
  }

  free(): void {
    this.#taken--;
  }
}

/**
 * Tells any number of followers what changes: one look at the store and one text for all of them. Nothing is done while
 * nobody follows, and in a flood of pushes hardly more than to see that it goes on.
 */
export class EventStream {
  readonly #options: Required<EventStreamOptions>;
  readonly #clients = new Set<ServerResponse>();
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: EventStreamOptions) {
    this.#options = { everyMs: 1_000, restFactor: 100, silenceMs: 15_000, maxWaiting: 64 * 1024, ...options };
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  /** Takes a seat, sends the state of the snapshot and from then on what changes, until the client is gone, too slow, or told to go. */
  follow(response: ServerResponse, snapshot: Snapshot): void {
    const { seats } = this.#options;
    seats.take();
    response.on("close", () => {
      seats.free();
      this.#clients.delete(response);
    });
    this.#send(response, changeEvent({ at: snapshot, groups: { changed: [], removed: [] } }));
    if (this.#stop.signal.aborted) return void response.end();
    this.#clients.add(response);
    this.#running ??= this.#run(snapshot);
  }

  /** Ends all connections; who follows turns to another replica. */
  async stop(): Promise<void> {
    this.#stop.abort();
    for (const client of this.#clients) client.end();
    await this.#running;
  }

  async #run(first: Snapshot): Promise<void> {
    const { view, silenceMs, everyMs, restFactor } = this.#options;
    const watch = new ChangeWatch(view, first);
    let isUp = view.isUp;
    let lastSentAt = performance.now();
    const tell = (event: Buffer) => {
      lastSentAt = performance.now();
      for (const client of this.#clients) this.#send(client, event);
    };
    let restMs = everyMs;
    while ((await this.#pause(restMs)) && this.#clients.size > 0) {
      const begin = performance.now();
      const changes = await watch.look();
      // An outage is to be over for followers as soon as it is over.
      const tookMs = view.isUp ? performance.now() - begin : 0;
      if (view.isUp !== isUp) {
        isUp = view.isUp;
        tell(eventText("store", { up: isUp }));
      }
      if (changes !== undefined) tell(changeEvent(changes));
      if (performance.now() - lastSentAt > silenceMs) tell(Buffer.from(":\n\n"));
      restMs = Math.min(Math.max(everyMs, restFactor * tookMs), silenceMs);
    }
    this.#running = undefined;
  }

  #send(client: ServerResponse, event: Buffer): void {
    client.write(event);
    if (client.writableLength > this.#options.maxWaiting) client.destroy();
  }

  /** False when it is time to stop. */
  async #pause(ms: number): Promise<boolean> {
    try {
      await delay(ms, undefined, { signal: this.#stop.signal, ref: false });
      return true;
    } catch {
      return false;
    }
  }
}

/** `GroupsChanged` of openapi.yaml. */
function changeEvent({ at, groups }: SeenChanges): Buffer {
  return eventText("change", {
    ...momentOf(at),
    changed: groups?.changed ?? null,
    removed: groups?.removed ?? null,
  });
}

function eventText(name: string, data: unknown): Buffer {
  return Buffer.from(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}
