import { homedir } from "node:os";
import { join } from "node:path";
import { parseGateway } from "@pushfleet/client";
import { Spool } from "./spool.ts";

export interface SpoolLocation {
  /** "" = where the system has such things. */
  readonly "spool-dir": string;
  readonly url: readonly string[];
}

/** The spool for these gateways. Nothing is made on the disk before something is kept. @throws ClientError bad-option */
export function openSpool(
  { "spool-dir": directory, url }: SpoolLocation,
  env: Readonly<Record<string, string | undefined>>,
): Spool {
  const gateways = url.map((one) => parseGateway(one).url);
  return new Spool(directory === "" ? usualDirectory(env) : directory, gateways);
}

function usualDirectory(env: Readonly<Record<string, string | undefined>>): string {
  if (process.getuid?.() === 0) return "/var/spool/pushfleet";
  return join(env["XDG_STATE_HOME"] || join(homedir(), ".local", "state"), "pushfleet", "spool");
}
