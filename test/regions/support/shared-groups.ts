import { setTimeout as delay } from "node:timers/promises";
import { PushConnection } from "./push-connection.ts";
import type { Region } from "./region.ts";

/** Writers in all regions to the same groups. */
export interface SharedWrites extends AsyncDisposable {
  /** Ends them; resolves when all is answered. */
  stop(): Promise<SharedResult>;
  /** Writes so far, of all regions. */
  count(): number;
}

interface SharedResult {
  /** What every region has to show of the groups with one writer at a time, by series: the newest that each of them was told. */
  readonly expected: ReadonlyMap<string, number>;
  /** Deletions that were the last word of their group. */
  readonly deleted: number;
  /** What went wrong, one line for each write that was not answered with success. */
  readonly failures: readonly string[];
}

export interface SharedWritesOptions {
  /** Of each kind. */
  readonly groups?: number;
  /** Milliseconds that a writer waits after an answer. */
  readonly pauseMs?: number;
}

type Write = "PUT" | "POST" | "DELETE";

const families = ["shared_first", "shared_second", "shared_third"] as const;
const writers = 6;

/**
 * Two kinds of groups. `ordered` ones have one writer each, which turns to any region for each write and waits for the answer: what is
 * the newest is known, because the clocks of all regions are those of one machine. `contested` ones are written from all
 * regions at once: regions only have to agree.
 */
export function startSharedWrites(
  regions: readonly Region[],
  { groups = 60, pauseMs = 5 }: SharedWritesOptions = {},
): SharedWrites {
  const expected = new Map<number, Map<string, number>>();
  const lastWrites = new Map<number, Write>();
  const failures: string[] = [];
  const stopping = new AbortController();
  let value = 0;

  const write = async (connection: PushConnection, path: string, method: Write, names: readonly string[]) => {
    const own = ++value;
    const body = names.map((name) => `# TYPE ${name} gauge\n${name} ${own}\n`).join("");
    const outcome = await connection.send(method, path, method === "DELETE" ? "" : body).catch(String);
    if (outcome !== 200 && outcome !== 202) failures.push(`${method} ${path}: ${outcome}`);
    return own;
  };
  const writer = async (number: number): Promise<void> => {
    using open = new DisposableStack();
    const connections = regions.map(({ url }) => open.use(new PushConnection(url)));
    while (!stopping.signal.aborted) {
      const group = number + writers * pick(Math.ceil(groups / writers));
      const connection = connections[pick(connections.length)];
      if (connection === undefined) throw new Error("no regions");
      const isContested = Math.random() < 0.5;
      const method = pickMethod();
      const names = families.filter(() => Math.random() < 0.5);
      const written = names.length === 0 ? [families[0]] : names;
      if (isContested) {
        await write(connection, `/metrics/job/contested/instance/${pick(groups)}`, method, written);
      } else {
        const now = await write(connection, `/metrics/job/ordered/instance/${group}`, method, written);
        const before = method === "POST" ? (expected.get(group) ?? []) : [];
        expected.set(group, new Map([...before, ...(method === "DELETE" ? [] : written.map(pairWith(now)))]));
        lastWrites.set(group, method);
      }
      await delay(pauseMs);
    }
  };
  const working = Promise.all(Array.from({ length: writers }, (_, number) => writer(number)));
  const end = async () => {
    stopping.abort();
    await working;
  };
  return {
    count: () => value,
    async stop() {
      await end();
      const series = [...expected].flatMap(([group, shown]) =>
        Array.from(shown, ([name, last]) => [seriesOf(name, group), last] as const),
      );
      const deleted = [...lastWrites.values()].filter((method) => method === "DELETE").length;
      return { expected: new Map(series), deleted, failures };
    },
    [Symbol.asyncDispose]: end,
  };
}

/** The series of the ordered groups in a scrape, as in `SharedResult.expected`. */
export function readOrdered(scrape: string): Map<string, number> {
  const lines = scrape.matchAll(/^(shared_\w+)\{instance="(\d+)",job="ordered"\} (\S+)$/gm);
  return new Map(
    Array.from(lines, ([, name = "", group, value]) => [seriesOf(name, Number(group)), Number(value)]),
  );
}

function seriesOf(name: string, group: number): string {
  return `${name}/${group}`;
}

function pairWith(value: number): (name: string) => readonly [string, number] {
  return (name) => [name, value];
}

function pickMethod(): Write {
  const share = Math.random();
  return share < 0.45 ? "PUT" : share < 0.8 ? "POST" : "DELETE";
}

function pick(count: number): number {
  return Math.floor(Math.random() * count);
}
