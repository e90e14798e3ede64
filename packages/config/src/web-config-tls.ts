import { createSecureContext, type SecureVersion } from "node:tls";
import * as z from "zod";
import type { ClientAuth } from "./web-config.ts";
import { named, optional, truth } from "./web-config-values.ts";

/** What `tls_server_config` says, in the words of Node and OpenSSL, before any file is read. */
export interface TlsSettings {
  readonly cert: PemSetting;
  readonly key: PemSetting;
  readonly clientCa?: PemSetting;
  readonly clientAuth: ClientAuth;
  readonly allowedSans?: readonly string[];
  readonly minVersion: SecureVersion;
  readonly maxVersion: SecureVersion;
  /** In order of preference. */
  readonly ciphers: string;
  readonly honorCipherOrder: boolean;
  /** In order of preference; absent: what OpenSSL prefers. */
  readonly ecdhCurve?: string;
}

/** PEM that stands in the file, or in the one that is named. */
export type PemSetting = { readonly setting: string } & (
  | { readonly text: string }
  | { readonly file: string }
);

/** From the weakest on. */
const versions: ReadonlyMap<string, SecureVersion> = new Map([
  ["TLS10", "TLSv1"],
  ["TLS11", "TLSv1.1"],
  ["TLS12", "TLSv1.2"],
  ["TLS13", "TLSv1.3"],
]);

const clientAuthTypes: ReadonlyMap<string, ClientAuth> = new Map([
  ["NoClientCert", "NoClientCert"],
  ["RequestClientCert", "RequestClientCert"],
  ["RequireAnyClientCert", "RequireAnyClientCert"],
  ["RequireClientCert", "RequireAnyClientCert"],
  ["VerifyClientCertIfGiven", "VerifyClientCertIfGiven"],
  ["RequireAndVerifyClientCert", "RequireAndVerifyClientCert"],
]);

/** Always offered where TLS 1.3 is, as in Go: none of them is weak. */
const suitesOfTls13: ReadonlyMap<string, string> = new Map([
  ["TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384"],
  ["TLS_CHACHA20_POLY1305_SHA256", "TLS_CHACHA20_POLY1305_SHA256"],
  ["TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"],
]);

/** Those that Go's tls.CipherSuites lists, by their names in OpenSSL, in the order of preference where none is given. */
const suitesOfTls12: ReadonlyMap<string, string> = new Map([
  ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"],
  ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"],
  ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"],
  ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"],
  ["TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"],
  ["TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"],
  ["TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA"],
  ["TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"],
  ["TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA-AES256-SHA"],
  ["TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA"],
]);

/** What `tls_server_config` may say. Undefined when it says nothing, which is plain HTTP. */
export function tlsSettings() {
  return tlsMapping().transform(settings);
}

function tlsMapping() {
  const text = optional(z.string());
  return z.strictObject({
    cert: text,
    cert_file: text,
    key: text,
    key_file: text,
    client_ca: text,
    client_ca_file: text,
    client_auth_type: optional(named(clientAuthTypes)),
    client_allowed_sans: z.array(z.string()).nullish(),
    min_version: optional(named(versions)),
    max_version: optional(named(versions)),
    cipher_suites: z
      .array(named(new Map([...suitesOfTls13, ...suitesOfTls12]), "is none of the known suites:"))
      .nullish(),
    prefer_server_cipher_suites: optional(truth()),
    curve_preferences: z.array(named(curves(), "is none of the known curves:")).nullish(),
  });
}

/** By Go's names. */
function curves(): ReadonlyMap<string, string> {
  const known = [
    ["CurveP256", "P-256"],
    ["CurveP384", "P-384"],
    ["CurveP521", "P-521"],
    ["X25519", "X25519"],
    ["X25519MLKEM768", "X25519MLKEM768"],
  ] as const;
  return new Map(known.filter(([, name]) => isCurveKnown(name)));
}

function isCurveKnown(name: string): boolean {
  try {
    createSecureContext({ ecdhCurve: name });
    return true;
  } catch {
    return false;
  }
}

type Given = z.output<ReturnType<typeof tlsMapping>>;

function settings(given: Given, context: z.core.$RefinementCtx): TlsSettings | undefined {
  if (Object.values(given).every((value) => value === undefined || value === null)) return undefined;
  const refuse = (message: string, ...path: string[]) => {
    context.addIssue({ code: "custom", path, message });
    return z.NEVER;
  };
  for (const name of ["cert", "key", "client_ca"] as const) {
    if (given[name] !== undefined && given[`${name}_file`] !== undefined)
      return refuse(`and ${name} exclude each other`, `${name}_file`);
  }
  const cert = pem("cert", given);
  const key = pem("key", given);
  const clientCa = pem("client_ca", given);
  if (cert === undefined) return refuse("needs cert or cert_file");
  if (key === undefined) return refuse("needs key or key_file");

  const clientAuth = given.client_auth_type ?? "NoClientCert";
  const needsClients = "needs a client_auth_type that asks clients for a certificate";
  if (clientAuth === "NoClientCert") {
    if (clientCa !== undefined) return refuse(needsClients, clientCa.setting);
    if (given.client_allowed_sans) return refuse(needsClients, "client_allowed_sans");
  }

  const minVersion = given.min_version ?? "TLSv1.2";
  const maxVersion = given.max_version ?? "TLSv1.3";
  if (rank(minVersion) > rank(maxVersion)) return refuse("is above max_version", "min_version");
  const suites = given.cipher_suites?.length ? given.cipher_suites : [...suitesOfTls12.values()];
  const older = suites.filter((name) => !suitesOfTls13.has(name));
  if (older.length === 0 && maxVersion !== "TLSv1.3")
    return refuse("has none for the versions that are allowed", "cipher_suites");
  // OpenSSL counts the hashes of TLS 1.0 and 1.1 as too weak for any other level.
  const level = older.length > 0 && rank(minVersion) < rank("TLSv1.2") ? ["@SECLEVEL=0"] : [];
  return {
    cert,
    key,
    ...(clientCa === undefined ? {} : { clientCa }),
    clientAuth,
    ...(given.client_allowed_sans ? { allowedSans: given.client_allowed_sans } : {}),
    minVersion,
    maxVersion,
    ciphers: [...suitesOfTls13.values(), ...older, ...level].join(":"),
    honorCipherOrder: given.prefer_server_cipher_suites ?? true,
    ...(given.curve_preferences?.length ? { ecdhCurve: given.curve_preferences.join(":") } : {}),
  };
}

function pem(name: "cert" | "key" | "client_ca", given: Given): PemSetting | undefined {
  const [text, file] = [given[name], given[`${name}_file`]];
  if (text !== undefined) return { setting: name, text };
  return file === undefined ? undefined : { setting: `${name}_file`, file };
}

function rank(version: SecureVersion): number {
  return [...versions.values()].indexOf(version);
}
