import type { ProcessLog } from "../../support/process-log.ts";
import { type Link, startLink } from "./link.ts";
import { type FederatorOptions, type Region, type RegionOptions, startRegion } from "./region.ts";

/** Regions of which each ships to every other, over links of the test's own. */
export interface World<Ids extends readonly string[]> extends AsyncDisposable {
  readonly regions: { readonly [Place in keyof Ids]: Region };
  /** The way that the federators of one region have to the other. */
  link(from: Region, to: Region): Link;
  readonly links: readonly Link[];
  logs(): readonly ProcessLog[];
}

export interface WorldOptions<Ids extends readonly string[]> {
  readonly ids: Ids;
  /** Of single regions, by their ids. */
  readonly options?: Readonly<Record<string, RegionOptions>>;
  readonly federators?: Readonly<Record<string, FederatorOptions>>;
  /** Another address than the peer's for who ships from one to the other, e.g. of what spoils what passes. */
  readonly between?: (from: Region, to: Region) => Promise<string>;
}

export const threeRegions = ["a", "b", "c"] as const;

export async function startWorld<const Ids extends readonly string[]>({
  ids,
  options = {},
  federators = {},
  between = async (_from, to) => to.url,
}: WorldOptions<Ids>): Promise<World<Ids>> {
  // Each of many processes has one, so that none is left behind when a test run ends early.
  process.setMaxListeners(64);
  await using started = new AsyncDisposableStack();
  // One after the other: so many processes that all start at once would be late on a small machine.
  const regions: Region[] = [];
  for (const id of ids) regions.push(started.use(await startRegion(id, options[id])));
  const links = new Map<string, Link>();
  for (const from of regions)
    for (const to of regions) {
      if (from === to) continue;
      const { hostname: host, port } = new URL(await between(from, to));
      links.set(`${from.id}>${to.id}`, started.use(await startLink({ host, port: Number(port) })));
    }
  const link = (from: Region, to: Region) => {
    const found = links.get(`${from.id}>${to.id}`);
    if (found === undefined) throw new Error(`no link from ${from.id} to ${to.id}`);
    return found;
  };
  for (const region of regions) {
    const others = regions.filter((other) => other !== region);
    const peers = new Map(others.map((other) => [other.id, link(region, other).url]));
    await region.join(peers, federators[region.id]);
  }
  const all = started.move();
  return {
    regions: regions as unknown as World<Ids>["regions"], // one for each id, in their order
    link,
    links: [...links.values()],
    logs: () => regions.flatMap((region) => region.logs()),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
