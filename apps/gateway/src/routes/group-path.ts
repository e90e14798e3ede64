import type { GatewayConfig } from "@pushfleet/config";
import type { NameScheme } from "@pushfleet/exposition";
import type { Request } from "express";

/** The part of a push URL that names the group, from `/job`, still percent-encoded and without the query. */
export function groupPathOf(request: Request): string {
  const { url } = request;
  const query = url.indexOf("?");
  // `/+` between the words: doubled slashes there mean nothing, while one further on is an empty value.
  const start = /\/+metrics\/+(?=job)/.exec(url);
  return url.slice(start === null ? 0 : start.index + start[0].length - 1, query === -1 ? undefined : query);
}

/** Which names metrics and labels may have. */
export function nameScheme(config: GatewayConfig): NameScheme {
  return config["push.enable-utf8-names"] ? "utf8" : "legacy";
}
