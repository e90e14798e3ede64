import type { Label } from "@pushfleet/exposition";
import { expect } from "vitest";
import type { Client, Command, Pusher, Trial } from "./client.ts";
import { expectedFamilies, familiesOfJob, hasCreationTimes, hasJob } from "./expositions.ts";
import { login, type Target } from "./targets.ts";
import type { Exchange } from "./wire.ts";

/** A client at a target. */
export interface Attempt {
  readonly client: Client;
  readonly pusher: Pusher;
  readonly target: Target;
}

/** What each trial does. Rejects when the client, the answer or what is scraped afterwards is not as it should be. */
export const tryIt: Readonly<Record<Trial, (attempt: Attempt) => Promise<void>>> = {
  async push(attempt) {
    const labels = labelsOf(attempt, "push", ["instance", "a"]);
    expect(await carriedOut(attempt, { operation: "push", labels })).toMatchObject({
      method: "PUT",
      statuses: [200],
    });
    await expectScraped(attempt, "all", labels);
    const [scrape = ""] = await attempt.target.scrapes();
    expect(hasCreationTimes(scrape, jobOf(labels))).toBe(attempt.client.pushesCreationTimes ?? false);
    await carriedOut(attempt, { operation: "push", metrics: "gauge", labels });
    await expectScraped(attempt, "gauge", labels);
  },

  async add(attempt) {
    const labels = labelsOf(attempt, "add", ["instance", "a"]);
    await carriedOut(attempt, { operation: "add", labels });
    const second = await carriedOut(attempt, { operation: "add", metrics: "gauge", labels });
    expect(second).toMatchObject({ method: "POST", statuses: [200] });
    const both = [
      ...expectedFamilies("all", labels, attempt.client),
      ...expectedFamilies("gauge", labels, attempt.client),
    ];
    await expectFamilies(attempt, new Map(both), labels);
  },

  async delete(attempt) {
    const labels = labelsOf(attempt, "delete", ["instance", "a"]);
    await carriedOut(attempt, { operation: "push", labels });
    const deletion = await carriedOut(attempt, { operation: "delete", labels });
    expect(deletion).toMatchObject({ method: "DELETE", statuses: [202] });
    await expectNothing(attempt, labels);
  },

  async gzip(attempt) {
    const labels = labelsOf(attempt, "gzip", ["instance", "a"]);
    const { headers, statuses } = await carriedOut(attempt, {
      operation: "push",
      compression: "gzip",
      labels,
    });
    expect(headers.get("content-encoding")).toBe("gzip");
    expect(statuses).toEqual([200]);
    await expectScraped(attempt, "all", labels);
  },

  async slash(attempt) {
    const labels = labelsOf(attempt, "in/two", ["instance", "/var/backups/"]);
    const { unescaped } = attempt.client;
    if (unescaped !== undefined) {
      const said = await failure(attempt, { labels });
      if (unescaped.slashRefusedBy === "gateway") expect(said).toInclude("400");
      else expect(attempt.target.wire.take()).toBeUndefined();
      await expectNothing(attempt, labels);
      await expectNothing(attempt, labelsOf(attempt, "in"));
    }
    await expectRoundTrip(attempt, escapedFor(attempt.client, labels), { storedAs: labels });
  },

  async empty(attempt) {
    await expectRoundTrip(attempt, labelsOf(attempt, "empty-last", ["zone", "eu"], ["instance", ""]));
    await expectRoundTrip(attempt, labelsOf(attempt, "empty-first", ["instance", ""], ["zone", "eu"]));
  },

  async unicode(attempt) {
    await expectRoundTrip(attempt, labelsOf(attempt, "Sicherungskopie-für-ひろ", ["instance", "Zürich✓🦊"]));
  },

  async space(attempt) {
    const labels = labelsOf(attempt, "in two words", ["instance", "so to say"]);
    const { space = " " } = attempt.client;
    const storedAs = labels.map(([name, value]): Label => [name, value.replaceAll(" ", space)]);
    await expectRoundTrip(attempt, labels, { storedAs });
  },

  async reserved(attempt) {
    const labels = labelsOf(attempt, "50%25+?", ["instance", "a=b&c#d:e@f;g,h\"i'j\\k[l]{m}|n^o`p<q>~!$*()"]);
    await expectRoundTrip(attempt, escapedFor(attempt.client, labels), { storedAs: labels });
  },

  async login(attempt) {
    const labels = labelsOf(attempt, "login", ["instance", "a"]);
    await failure(attempt, { labels });
    await failure(attempt, { labels, login: "alice:wrong" });
    expect(attempt.target.wire.take()?.statuses.at(-1)).toBe(401);
    await expectNothing(attempt, labels);
    expect((await carriedOut(attempt, { operation: "push", labels, login })).statuses.at(-1)).toBe(200);
    await expectScraped(attempt, "all", labels);
  },
};

type Details = Partial<Command> & Pick<Command, "labels">;

/** Does what is said, "push" of "all" unless it says otherwise, which the client has to take for done. */
async function carriedOut(attempt: Attempt, details: Details): Promise<Exchange> {
  attempt.target.wire.take();
  expect(await attempt.pusher.send(commandOf(attempt, details))).toBeUndefined();
  const exchange = attempt.target.wire.take();
  if (exchange === undefined) throw new Error("the client has sent nothing");
  return exchange;
}

/** Does what is said, which has to fail, and resolves to what the client says of it. */
async function failure(attempt: Attempt, details: Details): Promise<string> {
  attempt.target.wire.take();
  const said = await attempt.pusher.send(commandOf(attempt, details));
  if (said === undefined) throw new Error("the client believes that all is well");
  return said;
}

function commandOf({ target }: Attempt, details: Details): Command {
  return { operation: "push", metrics: "all", url: target.wire.url, ...details };
}

/** Pushes, looks whether the group is there, and deletes it by the same labels where the client can. */
async function expectRoundTrip(
  attempt: Attempt,
  labels: readonly Label[],
  { storedAs = labels }: { readonly storedAs?: readonly Label[] } = {},
): Promise<void> {
  expect((await carriedOut(attempt, { labels })).statuses).toEqual([200]);
  await expectScraped(attempt, "all", storedAs);
  if (attempt.client.cannot?.delete !== undefined) return;
  await carriedOut(attempt, { operation: "delete", labels });
  await expectNothing(attempt, storedAs);
}

/** Everything of the job is as one client pushed it, wherever it is scraped. */
function expectScraped(
  attempt: Attempt,
  metrics: Command["metrics"],
  labels: readonly Label[],
): Promise<void> {
  return expectFamilies(attempt, expectedFamilies(metrics, labels, attempt.client), labels);
}

async function expectFamilies(
  { target }: Attempt,
  families: ReturnType<typeof expectedFamilies>,
  labels: readonly Label[],
): Promise<void> {
  for (const scrape of await target.scrapes()) expect(familiesOfJob(scrape, jobOf(labels))).toEqual(families);
}

async function expectNothing({ target }: Attempt, labels: readonly Label[]): Promise<void> {
  for (const scrape of await target.scrapes()) expect(hasJob(scrape, jobOf(labels))).toBeFalse();
}

/** The values as who uses the client has to write them. */
function escapedFor({ unescaped }: Client, labels: readonly Label[]): readonly Label[] {
  return unescaped === undefined ? labels : labels.map(([name, value]) => [name, encodeURIComponent(value)]);
}

/** The job is no other client's and no other trial's. */
function labelsOf({ client }: Attempt, job: string, ...labels: readonly Label[]): readonly Label[] {
  return [["job", `${client.id}-${job}`], ...labels];
}

function jobOf(labels: readonly Label[]): string {
  return labels[0]?.[1] ?? "";
}
