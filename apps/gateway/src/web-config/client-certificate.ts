import { isIPv6 } from "node:net";
import type { TLSSocket } from "node:tls";
import type { WebTls } from "@pushfleet/config";

/**
 * Why a client that has shaken hands is not let in; undefined when it is. Node hands certificates over as they came and
 * leaves it to its caller which of them will do.
 */
export function refusalOf(socket: TLSSocket, { clientAuth, allowedSans }: WebTls): string | undefined {
  const certificate = socket.getPeerX509Certificate();
  switch (clientAuth) {
    case "NoClientCert":
    case "RequestClientCert":
      break;
    case "RequireAnyClientCert":
      if (certificate === undefined) return "no certificate";
      break;
    case "VerifyClientCertIfGiven":
      if (certificate !== undefined && !socket.authorized) return notVerified(socket);
      break;
    case "RequireAndVerifyClientCert":
      if (certificate === undefined) return "no certificate";
      if (!socket.authorized) return notVerified(socket);
  }
  if (allowedSans === undefined) return undefined;
  const names = sansOf(certificate?.subjectAltName ?? "");
  return names.some((name) => allowedSans.has(name)) ? undefined : "no allowed name in the certificate";
}

function notVerified({ authorizationError }: TLSSocket): string {
  return `certificate not verified: ${String(authorizationError)}`;
}

/**
 * The DNS names, addresses, e-mail addresses and URIs in the text that Node makes of a certificate's alternative names, as
 * Go writes them. None when there is something in the text that cannot be told apart.
 */
export function sansOf(subjectAltName: string): readonly string[] {
  // A value with a comma or a quote is written as a JSON string.
  const entry = /([^:,"]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/y;
  const names: string[] = [];
  while (entry.lastIndex < subjectAltName.length) {
    const [, kind = "", written = ""] = entry.exec(subjectAltName) ?? [];
    if (kind === "") return [];
    const value = written.startsWith('"') ? String(JSON.parse(written)) : written;
    if (kind === "IP Address") names.push(addressOf(value));
    else if (kind === "DNS" || kind === "email" || kind === "URI") names.push(value);
  }
  return names;
}

/** OpenSSL writes IPv6 without the abbreviation of RFC 5952. */
function addressOf(text: string): string {
  return isIPv6(text) ? new URL(`http://[${text}]/`).hostname.slice(1, -1) : text;
}
