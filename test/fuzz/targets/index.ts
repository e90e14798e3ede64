import type { Target } from "../target.ts";
import { api } from "./api.ts";
import { configFile, webConfigFile } from "./config.ts";
import { connections } from "./connections.ts";
import { flags } from "./flags.ts";
import { gateway } from "./gateway.ts";
import { gzip } from "./gzip.ts";
import { headers } from "./headers.ts";
import { matchers } from "./matchers.ts";
import { paths } from "./paths.ts";
import { protobuf } from "./protobuf.ts";
import { snappyBlocks, snappyFramed } from "./snappy.ts";
import { text } from "./text.ts";

/** How many parts of all inputs each target gets. */
const parts: readonly (readonly [target: Target, share: number])[] = [
  [text, 30],
  [protobuf, 20],
  [snappyBlocks, 6],
  [snappyFramed, 3],
  [gzip, 3],
  [paths, 15],
  [headers, 8],
  [matchers, 2],
  [configFile, 1],
  [webConfigFile, 1],
  [flags, 3],
  [gateway, 2],
  [api, 2],
  [connections, 0.5],
];

export const targets: readonly Target[] = parts.map(([target]) => target);

export const shares: ReadonlyMap<string, number> = new Map(
  parts.map(([target, share]) => [target.name, share]),
);
