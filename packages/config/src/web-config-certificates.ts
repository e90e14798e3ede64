import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext, getCACertificates, type SecureContextOptions } from "node:tls";
import type { ConfigFileError } from "./config-file.ts";
import type { WebTls } from "./web-config.ts";
import type { PemSetting, TlsSettings } from "./web-config-tls.ts";

interface Surroundings {
  /** Throws what `readFileSync` does. */
  readFile(name: string): string;
  /** What is wrong with a setting of `tls_server_config`. */
  problem(setting: string, what: string, cause?: unknown): ConfigFileError;
}

/** Reads certificate, key and authorities, and sees whether they can be used. Throws ConfigFileError. */
export function readCertificates(settings: TlsSettings, { readFile, problem }: Surroundings): WebTls {
  const read = (pem: PemSetting): string =>
    "text" in pem
      ? pem.text
      : attempt(
          () => readFile(pem.file),
          (cause) => problem(pem.setting, `cannot be read: ${messageOf(cause)}`, cause),
        );
  const { cert, key, clientCa, clientAuth, allowedSans, ...rest } = settings;

  const certText = read(cert);
  const certificate = attempt(
    () => new X509Certificate(certText),
    (cause) => problem(cert.setting, "has no certificate in PEM form", cause),
  );
  const keyText = read(key);
  const privateKey = attempt(
    () => createPrivateKey(keyText),
    (cause) => problem(key.setting, "has no private key in PEM form, or one with a passphrase", cause),
  );
  if (!certificate.checkPrivateKey(privateKey))
    throw problem(key.setting, `has another key than that of the certificate in ${cert.setting}`);

  const context: SecureContextOptions = { ...rest, cert: certText, key: keyText };
  if (clientCa !== undefined) {
    const certificates = splitCertificates(read(clientCa));
    if (certificates.length === 0) throw problem(clientCa.setting, "has no certificate in PEM form");
    for (const one of certificates) {
      attempt(
        () => new X509Certificate(one),
        (cause) => problem(clientCa.setting, "has a certificate that cannot be read", cause),
      );
    }
    context.ca = certificates;
  } else if (clientAuth === "VerifyClientCertIfGiven" || clientAuth === "RequireAndVerifyClientCert") {
    // As Go does where none are named.
    context.ca = getCACertificates("system");
  }
  attempt(
    () => createSecureContext(context),
    (cause) => problem(cert.setting, `and what stands beside it cannot be used: ${reasonOf(cause)}`, cause),
  );
  return {
    context,
    clientAuth,
    ...(allowedSans === undefined ? {} : { allowedSans: new Set(allowedSans) }),
  };
}

function splitCertificates(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
}

function attempt<T>(work: () => T, failure: (cause: unknown) => ConfigFileError): T {
  try {
    return work();
  } catch (cause) {
    throw failure(cause);
  }
}

/** Of OpenSSL's errors the words, without the numbers. */
function reasonOf(error: unknown): string {
  const reason = error instanceof Error && "reason" in error ? error.reason : undefined;
  return typeof reason === "string" ? reason : messageOf(error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
