import { readFileSync } from "node:fs";
import type { PeerRule } from "./federation-document.ts";
import type { FederatorConfig } from "./federator-options.ts";
import { UsageError } from "./read.ts";

/** What a federator is told of regions, checked: its own and at least one other. */
export interface FederationSettings {
  readonly region: string;
  /** Each region once, never its own. All files can be read, or could a moment ago. */
  readonly peers: readonly PeerRule[];
}

/** Puts the options together with the peers of the config file. Throws UsageError for what contradicts itself or cannot be read. */
export function federationSettings(
  config: FederatorConfig,
  peersOfFile: readonly PeerRule[],
): FederationSettings {
  const region = config["federation.region"];
  if (region === "") throw new UsageError("--federation.region is needed: it says which region this is");
  const forAll = {
    tokenFile: config["federation.token-file"],
    caFile: config["federation.ca-file"],
    certFile: config["federation.cert-file"],
    keyFile: config["federation.key-file"],
  };
  if ((forAll.certFile === "") !== (forAll.keyFile === "")) {
    throw new UsageError("--federation.cert-file and --federation.key-file need each other");
  }
  const peers = [
    ...config["federation.peers"].map((address) => ({ ...address, ...forAll })),
    ...peersOfFile.map((peer) => withDefaults(peer, forAll)),
  ];
  if (peers.length === 0) {
    throw new UsageError(
      "--federation.peers or federation.peers in --config.file is needed: there is nobody to ship to",
    );
  }
  const seen = new Set<string>();
  for (const peer of peers) {
    if (peer.id === region) {
      throw new UsageError(
        `--federation.peers has "${peer.id}", which is this region itself (--federation.region)`,
      );
    }
    if (seen.has(peer.id)) {
      throw new UsageError(
        `--federation.peers has the region "${peer.id}" more than once, or --config.file has it as well`,
      );
    }
    seen.add(peer.id);
    requireFiles(peer);
  }
  return { region, peers };
}

type Credentials = Omit<PeerRule, "id" | "url">;

function withDefaults(peer: PeerRule, forAll: Credentials): PeerRule {
  const ownPair = peer.certFile === "" ? forAll : peer;
  return {
    id: peer.id,
    url: peer.url,
    tokenFile: peer.tokenFile === "" ? forAll.tokenFile : peer.tokenFile,
    caFile: peer.caFile === "" ? forAll.caFile : peer.caFile,
    certFile: ownPair.certFile,
    keyFile: ownPair.keyFile,
  };
}

/** Later failures are told when they happen; a mistake in a name should stop the start. */
function requireFiles({ id, tokenFile, caFile, certFile, keyFile }: PeerRule): void {
  const files = { "token-file": tokenFile, "ca-file": caFile, "cert-file": certFile, "key-file": keyFile };
  for (const [option, file] of Object.entries(files)) {
    if (file === "") continue;
    try {
      readFileSync(file);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new UsageError(`--federation.${option}, for the region "${id}": ${why}`, { cause });
    }
  }
}
