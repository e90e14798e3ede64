/** What the API tells of regions, compared with its description. */
import { createFederationStore, type FederatorReport } from "@pushfleet/store";
import { describe, expect, test } from "vitest";
import { batchOf, deliver, region } from "../federation-http/states.ts";
import { type Api, startApi, stores } from "./client.ts";

const flags = ["--federation.region=us"];

interface RegionalGroup {
  readonly id: string;
  readonly labels: { readonly job: string };
  readonly region?: string | null;
  readonly hidden_families?: number;
  readonly metrics?: readonly {
    readonly name: string;
    readonly region?: string;
    readonly hidden?: { readonly reason: string; readonly whole: boolean; readonly because: string };
  }[];
}

/** By their jobs. */
async function groupsOf(
  api: Api,
  query: Readonly<Record<string, string>> = {},
): Promise<Map<string, RegionalGroup>> {
  const { data } = await api.ask("/groups", { sort: "job", ...query });
  const groups: readonly RegionalGroup[] = data.groups; // as the description has it
  return new Map(groups.map((group) => [group.labels.job, group]));
}

async function detailOf(api: Api, { id }: { readonly id: string }): Promise<RegionalGroup> {
  const { data } = await api.ask("/groups/{id}", {}, { path: `/groups/${id}` });
  return data as unknown as RegionalGroup; // as the description has it
}

describe.each(stores)("on the %s store", (store) => {
  test("groups and families tell where they were pushed, and groups are filtered by it", async () => {
    await using api = await startApi(store, { flags });
    await api.push("own", "m 1\n");
    await api.push("never", "m 1\nm 2\n");
    await deliver(api.url, await batchOf({ path: "/job/far", body: "m 1\n", region: "eu" }));
    // Of the group as it is now one family comes from here and one from there.
    await fetch(`${api.url}/metrics/job/far`, { method: "POST", body: "n 1\n" });
    await deliver(api.url, await batchOf({ path: "/job/further", body: "m 1\n", region: "eu" }));

    const groups = await groupsOf(api);
    expect([...groups].map(([job, each]) => [job, each.region, each.hidden_families])).toEqual([
      ["far", "us", 0],
      ["further", "eu", 0],
      ["never", null, 0],
      ["own", "us", 0],
    ]);
    expect([...(await groupsOf(api, { region: "eu" })).keys()]).toEqual(["further"]);
    expect([...(await groupsOf(api, { region: "us", search: "own" })).keys()]).toEqual(["own"]);
    expect([...(await groupsOf(api, { region: "ap" })).keys()]).toEqual([]);
    const far = await detailOf(api, groups.get("far") ?? { id: "" });
    expect(far).toMatchObject({
      region: "us",
      metrics: [
        { name: "m", region: "eu" },
        { name: "n", region: "us" },
      ],
    });
    expect(far.metrics?.[0]).not.toHaveProperty("hidden");
  });

  test("what collides is flagged with the reason, is not scraped, and is counted", async () => {
    await using api = await startApi(store, { flags });
    await api.push("own", "# TYPE m gauge\nm 1\n# TYPE n gauge\nn 1\n");
    await deliver(
      api.url,
      await batchOf({ path: "/job/far", body: "# TYPE m counter\nm 2\n", region: "eu" }),
    );
    const groups = await groupsOf(api);
    expect([groups.get("own")?.hidden_families, groups.get("far")?.hidden_families]).toEqual([1, 0]);
    const { metrics = [] } = await detailOf(api, groups.get("own") ?? { id: "" });
    expect(metrics).toMatchObject([
      { name: "m", hidden: { reason: "type", whole: true, because: expect.stringContaining("eu") } },
      { name: "n" },
    ]);
    expect(metrics[1]).not.toHaveProperty("hidden");
    const scrape = await (await fetch(`${api.url}/metrics`)).text();
    expect(scrape).toContain('m{instance="",job="far"} 2');
    expect(scrape).not.toContain('m{instance="",job="own"} 1');
    expect(scrape).toContain('n{instance="",job="own"} 1');
    const own = await (await fetch(`${api.url}/-/metrics`)).text();
    expect(own).toMatch(/^pushfleet_hidden_families 1$/m);

    // It shows as soon as nothing is in its way.
    await fetch(`${api.url}/metrics/job/far`, { method: "DELETE" });
    expect((await groupsOf(api)).get("own")?.hidden_families).toBe(0);
  });
});

test("a cluster that belongs to no region says nothing of any", async () => {
  await using api = await startApi("embedded");
  await api.push("own", "m 1\n");
  const group = (await groupsOf(api)).get("own");
  expect(group).not.toHaveProperty("region");
  expect(group).not.toHaveProperty("hidden_families");
  expect((await detailOf(api, group ?? { id: "" })).metrics?.[0]).not.toHaveProperty("region");
  expect([...(await groupsOf(api, { region: "eu" })).keys()]).toEqual([]);
  expect((await api.ask("/cluster")).data).not.toHaveProperty("region");
  expect(await (await fetch(`${api.url}/-/metrics`)).text()).not.toContain("pushfleet_hidden_families");
});

test("the cluster tells its region, and its federators with their peers", async () => {
  await using api = await startApi("redis", { flags });
  const report: FederatorReport = {
    kind: "federator",
    id: "f1",
    name: "host:9095",
    version: "1.2.3",
    uptimeMs: 1_000,
    isStopping: false,
    region: region("us"),
    peers: [
      { id: region("ap"), isActive: false, isUp: null, lagMs: null },
      { id: region("eu"), isActive: true, isUp: true, lagMs: 250 },
    ],
  };
  const store = await createFederationStore({ url: api.redis?.url ?? "", region: region("us") });
  try {
    await store.cluster.beat(report);
    const { data } = await api.ask("/cluster");
    expect(data).toMatchObject({
      region: "us",
      members: [
        { kind: "gateway" },
        {
          kind: "federator",
          id: "f1",
          name: "host:9095",
          health: "up",
          region: "us",
          peers: [
            { id: "ap", active: false, up: null, lag_seconds: null },
            { id: "eu", active: true, up: true, lag_seconds: 0.25 },
          ],
        },
      ],
    });
  } finally {
    store.close();
  }
});
