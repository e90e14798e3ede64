import { ClientError } from "./client-error.ts";
import type { Credentials } from "./credentials.ts";

/** Where a gateway is reached. */
export interface Gateway {
  /** Without credentials, query and slash at the end; with the route prefix if there is one. */
  readonly url: string;
  readonly protocol: "http:" | "https:";
  readonly hostname: string;
  /** "" for the protocol's own. */
  readonly port: string;
  /** "" or `/prefix`. */
  readonly prefix: string;
  /** Those that the URL itself has. */
  readonly credentials: Credentials | undefined;
}

/**
 * Reads the URL of a gateway. `host:port` alone is http, as other clients take it.
 *
 * @throws ClientError bad-option
 */
export function parseGateway(text: string): Gateway {
  const trimmed = text.trim();
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`);
  if (url === null || !isHttp(url.protocol) || url.search !== "" || url.hash !== "") {
    // What has an @ may hold a password.
    const got = trimmed.includes("@") ? "" : `, got "${trimmed}"`;
    throw new ClientError(
      "bad-option",
      `the URL of a gateway must be like https://gateway.example.com:9091${got}`,
    );
  }
  const prefix = url.pathname.replace(/\/+$/, "");
  return {
    url: `${url.protocol}//${url.host}${prefix}`,
    protocol: url.protocol,
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port,
    prefix,
    credentials:
      url.username === ""
        ? undefined
        : { kind: "basic", user: decoded(url.username), password: decoded(url.password) },
  };
}

/** A password may hold a percent sign that nobody has escaped. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isHttp(protocol: string): protocol is Gateway["protocol"] {
  return protocol === "http:" || protocol === "https:";
}
