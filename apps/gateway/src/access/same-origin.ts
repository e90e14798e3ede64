import type { GatewayConfig } from "@pushfleet/config";
import type { Handler, Request } from "express";
import { AccessDenied } from "./access-denied.ts";

/** What a page of any site can make a browser send without asking, credentials included; nothing is changed by these. */
const harmless: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses what a page of another site made a browser send: browsers know passwords, certificates and private networks that
 * the site does not. They say where a request comes from in `Sec-Fetch-Site` and `Origin` (Fetch Metadata, RFC 6454);
 * whatever is no browser sends neither and is not concerned.
 *
 * @param trusted Origins that may all the same.
 */
export function requireSameOrigin(trusted: ReadonlySet<string>): Handler {
  return (request, _response, next) => {
    if (harmless.has(request.method)) return next();
    const { origin } = request.headers;
    const site = request.headers["sec-fetch-site"];
    if (origin === undefined && site === undefined) return next();
    if (site === "same-origin" || site === "none") return next();
    if (origin !== undefined && (trusted.has(origin) || (site === undefined && isOwn(origin, request))))
      return next();
    throw new AccessDenied(
      "forbidden",
      `Forbidden: sent by a page of another site${origin === undefined ? "" : `, ${origin}`}; see --web.trusted-origins`,
    );
  };
}

/** Those of `--web.trusted-origins`, and the gateway's own as it is known outside. */
export function trustedOrigins(config: GatewayConfig): ReadonlySet<string> {
  const external = URL.parse(config["web.external-url"])?.origin;
  return new Set([...config["web.trusted-origins"], ...(external === undefined ? [] : [external])]);
}

/** Whether the page is one of the host that was asked. The scheme may differ: a proxy may have taken off the TLS. */
function isOwn(origin: string, request: Request): boolean {
  // Typed as always there, but HTTP/1.0 may do without; believed from proxies only as far as Express is told to.
  const host: string | undefined = request.host;
  return host !== undefined && URL.parse(origin)?.host === host.toLowerCase();
}
