/**
 * Each client library pushes, adds and deletes at each kind of gateway, and what is scraped afterwards is looked at. Prints
 * the table of what came out. PUSHFLEET_CLIENTS names the clients to try, such as `python,node`; without it all are. Those
 * whose tools this machine lacks are skipped, unless PUSHFLEET_CLIENTS is `all`: then they fail.
 */
import { afterAll, beforeAll, describe, type TestContext, test } from "vitest";
import { type Client, type Pusher, type Trial, trials } from "./client.ts";
import { clients as all } from "./clients.ts";
import { Matrix } from "./matrix.ts";
import { startTarget, type Target, type TargetName, targetNames } from "./targets.ts";
import { tryIt } from "./trials.ts";

const wanted = process.env["PUSHFLEET_CLIENTS"];
const mustBeAll = wanted === "all";
const chosen = mustBeAll ? undefined : wanted?.split(",");
const clients = all.filter(({ id }) => chosen?.includes(id) ?? true);
const matrix = new Matrix(clients);
const pushers = new Map<Client, Pusher>();
const missing = new Map<Client, string>();
const targets = new Map<TargetName, Target>();
const started = new AsyncDisposableStack();

beforeAll(async () => {
  // One after the other: some come from the same folder, and those that take long use all processors.
  for (const client of clients) {
    const preparation = await client.prepare();
    if (preparation.kind === "ready") pushers.set(client, started.use(preparation.start()));
    else missing.set(client, preparation.reason);
  }
  for (const name of targetNames) targets.set(name, started.use(await startTarget(name)));
}, 600_000);

afterAll(async () => {
  process.stdout.write(`\n${matrix.print(missing)}\n`);
  await started.disposeAsync();
});

const openTrials = trials.filter((trial) => trial !== "login");

describe.each(clients)("$name", (client) => {
  describe.each(openTrials)("%s", (trial) => {
    test.for(targetNames)("at %s", (name, context) => attempt({ client, trial, name, context }));
  });
});

describe("with a password", () => {
  beforeAll(async () => {
    for (const target of targets.values()) await target.closeToStrangers();
  });

  describe.each(clients)("$name", (client) => {
    test.for(targetNames)("at %s", (name, context) => attempt({ client, trial: "login", name, context }));
  });
});

interface Cell {
  readonly client: Client;
  readonly trial: Trial;
  readonly name: TargetName;
  readonly context: TestContext;
}

async function attempt({ client, trial, name, context }: Cell): Promise<void> {
  const [pusher, target] = [pushers.get(client), targets.get(name)];
  context.skip(client.cannot?.[trial] !== undefined, client.cannot?.[trial]);
  if (pusher === undefined || target === undefined) {
    if (mustBeAll) throw new Error(missing.get(client));
    return context.skip(missing.get(client));
  }
  matrix.note(client, trial, name, "FAILED");
  await tryIt[trial]({ client, pusher, target });
  matrix.note(client, trial, name, "ok");
}
