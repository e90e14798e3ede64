import { readFileSync } from "node:fs";
import {
  ConfigFileError,
  type FederatorConfig,
  federationSettings,
  loadConfigFileParser,
  type PeerRule,
  UsageError,
} from "@pushfleet/config";
import { type RegionId, regionId } from "@pushfleet/store";

export interface Regions {
  readonly region: RegionId;
  /** By their ids. */
  readonly peers: readonly (PeerRule & { readonly id: RegionId })[];
}

/** This region and the others, by options and config file. Rejects UsageError. */
export async function readRegions(config: FederatorConfig): Promise<Regions> {
  const { region, peers } = federationSettings(config, await peersOfFile(config["config.file"]));
  return {
    region: known(region),
    peers: peers.map((peer) => ({ ...peer, id: known(peer.id) })).sort((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

async function peersOfFile(file: string): Promise<readonly PeerRule[]> {
  if (file === "") return [];
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new UsageError(`--config.file: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  try {
    // Matchers are for gateways to understand.
    const parse = await loadConfigFileParser((matchers) => matchers);
    return parse(text, file).federation.peers;
  } catch (error) {
    if (error instanceof ConfigFileError)
      throw new UsageError(`--config.file: ${error.message}`, { cause: error });
    throw error;
  }
}

function known(name: string): RegionId {
  const id = regionId(name);
  if (id === undefined) throw new UsageError(`"${name}" is no region`);
  return id;
}
