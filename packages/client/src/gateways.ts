import { ClientError } from "./client-error.ts";

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
  /** The credentials that the URL itself has, as an Authorization header. */
  readonly authorization: string | undefined;
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
    authorization:
      url.username === ""
        ? undefined
        : basic(decodeURIComponent(url.username), decodeURIComponent(url.password)),
  };
}

export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function isHttp(protocol: string): protocol is Gateway["protocol"] {
  return protocol === "http:" || protocol === "https:";
}
