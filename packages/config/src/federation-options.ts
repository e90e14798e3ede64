import { InvalidValue, list, type Option, oneOf, value } from "./option.ts";
import {
  duration,
  durationAboveZero,
  formatDuration,
  redactUrl,
  text,
  withoutCredentials,
} from "./values.ts";

/** Another region, and where its gateways are reached. */
export interface PeerAddress {
  readonly id: string;
  /** http or https, without user, query and fragment, and without a slash at its end. */
  readonly url: string;
}

const region = value(optionalRegion, "", {
  placeholder: "ID",
  help: "Region that this cluster is, among those that exchange what is pushed: a-z, 0-9 and -, a letter first. The same for all its gateways and federators. Empty: none.",
});

const tombstoneRetention = value(durationAboveZero, 86_400_000, {
  placeholder: "DURATION",
  format: formatDuration,
  help: "How long deletions are remembered for regions that cannot be reached. The same in all regions, and longer than any may be cut off.",
});

/** What a gateway has to know of regions. */
export const gatewayFederationOptions = {
  "federation.region": region,
  "federation.tombstone-retention": tombstoneRetention,
  "scrape.regions": oneOf(["all", "local"], "all", {
    help: "What a scrape shows that does not say so by ?region=…: what was pushed in all regions, or in this one.",
  }),
  "scrape.origin-label": value(originLabel, "", {
    placeholder: "LABEL",
    help: "Label that scraped series get with the region they were pushed in; one that was pushed with that name becomes exported_LABEL. Empty: none.",
  }),
} as const satisfies Record<string, Option<unknown>>;

/** What a federator has to know of its own region and of the others. */
export const federatorFederationOptions = {
  "federation.region": region,
  "federation.peers": list(peerAddress, [], {
    placeholder: "ID=URL",
    format: ({ id, url }) => `${id}=${redactUrl(url)}`,
    help: "Another region and the URL of its gateways, such as eu-west=https://pushfleet.eu-west.example.com; --config.file may name more. Repeatable.",
  }),
  "federation.token-file": value(text, "", {
    placeholder: "FILE",
    help: "File with the bearer token to show to peers; white space at its end does not count. Read again when it changes.",
  }),
  "federation.ca-file": value(text, "", {
    placeholder: "FILE",
    help: "Certificate authorities to trust for peers (PEM) instead of the well-known ones.",
  }),
  "federation.cert-file": value(text, "", {
    placeholder: "FILE",
    help: "Client certificate to show to peers (PEM), with --federation.key-file.",
  }),
  "federation.key-file": value(text, "", {
    placeholder: "FILE",
    help: "Key of the client certificate (PEM), without a passphrase.",
  }),
  "federation.anti-entropy-interval": value(duration, 300_000, {
    placeholder: "DURATION",
    format: formatDuration,
    help: "How often all groups are compared with each peer's, and those that differ are sent. It happens as well when a peer was found to have another history than before. 0: only then.",
  }),
  "federation.tombstone-retention": tombstoneRetention,
} as const satisfies Record<string, Option<unknown>>;

/** What a region may be called. Throws InvalidValue. */
export function regionName(given: string): string {
  if (/^[a-z][a-z0-9-]{0,31}$/.test(given)) return given;
  throw new InvalidValue(
    `must be a region such as eu-west: 1 to 32 of a-z, 0-9 and -, a letter first, got "${given}"`,
  );
}

/** Where the gateways of a region are reached: `PeerAddress.url`. Throws InvalidValue. */
export function peerUrl(given: string): string {
  const url = URL.parse(given);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new InvalidValue(`must be an http or https URL, got "${withoutCredentials(given)}"`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new InvalidValue(
      "must have no user name or password in its URL: a token file or a client certificate tells who asks",
    );
  }
  if (url.search !== "" || url.hash !== "") {
    throw new InvalidValue(`must be a URL without query and fragment, got "${withoutCredentials(given)}"`);
  }
  return url.href.replace(/\/+$/, "");
}

function optionalRegion(given: string): string {
  return given === "" ? "" : regionName(given);
}

function peerAddress(given: string): PeerAddress {
  const [, id, url] = /^\s*([^=]*)=(.*?)\s*$/s.exec(given) ?? [];
  if (id === undefined || url === undefined) {
    throw new InvalidValue(
      `must be ID=URL, for example eu-west=https://pushfleet.example.com, got "${withoutCredentials(given)}"`,
    );
  }
  return { id: regionName(id), url: peerUrl(url) };
}

/** Those that mean something of their own on a scrape. */
const takenLabels: ReadonlySet<string> = new Set(["job", "instance", "le", "quantile"]);

function originLabel(given: string): string {
  if (given === "") return "";
  if (/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(given) && !given.startsWith("__") && !takenLabels.has(given))
    return given;
  throw new InvalidValue(
    `must be a label name such as region, and none of ${[...takenLabels].join(", ")}, got "${given}"`,
  );
}
