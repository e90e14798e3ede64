import { once } from "node:events";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAuthority } from "../redis/certificates.ts";
import { type ConfiguredGateway, startConfigured, temporaryDirectory } from "./configured-gateway.ts";
import { shakeHands } from "./openssl.ts";

let gateway: ConfiguredGateway;
let pair: string;
beforeAll(async () => {
  const directory = await temporaryDirectory();
  const { certFile, keyFile } = await (await createAuthority(directory, "ca")).issue("IP:127.0.0.1");
  pair = `tls_server_config:\n  cert_file: ${certFile}\n  key_file: ${keyFile}\n`;
  gateway = await startConfigured(pair, { directory, scheme: "https" });
});
afterAll(() => gateway?.[Symbol.asyncDispose]());

/** Also clients that are older than what their OpenSSL allows by itself. */
const old = ["-cipher", "ALL:@SECLEVEL=0"];
const versions = [
  ["-tls1", "TLSv1"],
  ["-tls1_1", "TLSv1.1"],
  ["-tls1_2", "TLSv1.2"],
  ["-tls1_3", "TLSv1.3"],
] as const;

describe.each([
  ["by default", "", ["TLSv1.2", "TLSv1.3"]],
  ["min_version TLS10", "min_version: TLS10", ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]],
  ["min_version TLS11", "min_version: TLS11", ["TLSv1.1", "TLSv1.2", "TLSv1.3"]],
  ["min_version TLS13", "min_version: TLS13", ["TLSv1.3"]],
  ["max_version TLS12", "max_version: TLS12", ["TLSv1.2"]],
  ["TLS11 only", "min_version: TLS11\n  max_version: TLS11", ["TLSv1.1"]],
  ["suites of TLS 1.3 only", "cipher_suites: [TLS_AES_256_GCM_SHA384]", ["TLSv1.3"]],
])("%s", (_what, settings, spoken) => {
  beforeAll(() => gateway.configure(`${pair}  ${settings}\n`));
  test.each(versions)("%s", async (option, version) => {
    const { isServed, protocol } = await shakeHands(gateway.port, [option, ...old]);
    expect({ isServed, protocol: isServed ? protocol : undefined }).toEqual(
      spoken.includes(version)
        ? { isServed: true, protocol: version }
        : { isServed: false, protocol: undefined },
    );
  });
});

const gcm128 = "ECDHE-ECDSA-AES128-GCM-SHA256";
const gcm256 = "ECDHE-ECDSA-AES256-GCM-SHA384";
const twoSuites =
  "cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]";

test.each([
  ["by default the quickest that is safe", "", `${gcm256}:${gcm128}`, gcm128],
  ["by default none without forward secrecy", "", "AES128-GCM-SHA256:AES256-SHA", undefined],
  ["a suite that is not listed", twoSuites, "ECDHE-ECDSA-CHACHA20-POLY1305", undefined],
  ["the server's order", twoSuites, `${gcm128}:${gcm256}`, gcm256],
  ["the client's order", `${twoSuites}\n  prefer_server_cipher_suites: false`, `${gcm128}:${gcm256}`, gcm128],
  [
    "an old suite that is listed",
    "cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA]",
    "ALL",
    "ECDHE-ECDSA-AES256-SHA",
  ],
])("cipher suites: %s", async (_what, settings, offered, chosen) => {
  await gateway.configure(`${pair}  max_version: TLS12\n  ${settings}\n`);
  const { isServed, cipher } = await shakeHands(gateway.port, ["-tls1_2", "-cipher", offered]);
  expect({ isServed, cipher: isServed ? cipher : undefined }).toEqual({
    isServed: chosen !== undefined,
    cipher: chosen,
  });
});

// For the certificate's own sake a client of TLS 1.2 has to offer P-256 as well. With TLS 1.3 a server takes, of those that
// are listed, what saves a round trip: the client's first. Go does so too.
test.each([
  ["by default", "", "P-521:P-256:X25519", { "-tls1_2": "X25519", "-tls1_3": "X25519" }],
  [
    "the one that is listed",
    "curve_preferences: [CurveP384]",
    "X25519:P-256:P-384",
    { "-tls1_2": "secp384r1", "-tls1_3": "secp384r1" },
  ],
  [
    "the server's order",
    "curve_preferences: [CurveP521, X25519]",
    "X25519:P-256:P-521",
    { "-tls1_2": "secp521r1", "-tls1_3": "X25519" },
  ],
  [
    "none in common",
    "curve_preferences: [CurveP521]",
    "X25519:P-256",
    { "-tls1_2": undefined, "-tls1_3": undefined },
  ],
])("curves: %s", async (_what, settings, offered, expected) => {
  await gateway.configure(`${pair}  ${settings}\n`);
  for (const [version, chosen] of Object.entries(expected)) {
    const { isServed, curve } = await shakeHands(gateway.port, [version, "-curves", offered]);
    expect({ version, isServed, curve: isServed ? curve : undefined }).toEqual({
      version,
      isServed: chosen !== undefined,
      curve: chosen,
    });
  }
});

test("curves: one that resists quantum computers", async () => {
  await gateway.configure(`${pair}  curve_preferences: [X25519MLKEM768]\n`);
  // Not every system's openssl knows it; Node's does.
  const client = (ecdhCurve: string) =>
    connect({ port: gateway.port, host: "127.0.0.1", ecdhCurve, rejectUnauthorized: false });
  const socket = client("X25519MLKEM768");
  await once(socket, "secureConnect");
  socket.destroy();
  await expect(once(client("X25519"), "secureConnect")).rejects.toThrow();
});

test("only HTTP/1.1 is offered", async () => {
  await gateway.configure(`${pair}http_server_config:\n  http2: true\n`);
  const { output, isServed } = await shakeHands(gateway.port, ["-alpn", "h2,http/1.1"]);
  expect(output).toInclude("ALPN protocol: http/1.1");
  expect(isServed).toBeTrue();
});

test("who speaks plain HTTP to a server with TLS gets no answer and harms nobody", async () => {
  await gateway.configure(pair);
  await expect(fetch(`http://127.0.0.1:${gateway.port}/-/healthy`)).rejects.toThrow();
  expect((await shakeHands(gateway.port)).isServed).toBeTrue();
});
