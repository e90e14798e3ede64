import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CertificateFiles, createAuthority } from "../redis/certificates.ts";
import { type ConfiguredGateway, startConfigured, temporaryDirectory } from "./configured-gateway.ts";
import { shakeHands } from "./openssl.ts";

const clients = ["none", "known", "other", "strange"] as const;
type Client = (typeof clients)[number];

let gateway: ConfiguredGateway;
let server: string;
let shown: Readonly<Record<Client, CertificateFiles | undefined>>;
beforeAll(async () => {
  const directory = await temporaryDirectory();
  const [own, foreign] = await Promise.all([
    createAuthority(directory, "own"),
    createAuthority(directory, "foreign"),
  ]);
  const { certFile, keyFile } = await own.issue("IP:127.0.0.1");
  const names =
    "DNS:jobs.example,IP:10.1.2.3,IP:2001:db8:0:0:0:0:0:1,email:jobs@example.org,URI:spiffe://example.org/jobs";
  shown = {
    none: undefined,
    known: await own.issue(names),
    other: await own.issue("DNS:other.example"),
    strange: await foreign.issue(names),
  };
  server = `tls_server_config:\n  cert_file: ${certFile}\n  key_file: ${keyFile}\n`;
  gateway = await startConfigured(server, { directory, scheme: "https" });
});
afterAll(() => gateway?.[Symbol.asyncDispose]());

function shakeHandsAs(client: Client, options: readonly string[]) {
  const files = shown[client];
  const certificate = files === undefined ? [] : ["-cert", files.certFile, "-key", files.keyFile];
  return shakeHands(gateway.port, [...certificate, ...options]);
}

/** Who is served of those that connect by this version. */
async function served(version: string): Promise<readonly Client[]> {
  const handshakes = await Promise.all(clients.map((client) => shakeHandsAs(client, [version])));
  return clients.filter((_client, index) => handshakes[index]?.isServed);
}

describe.each([
  ["NoClientCert", "", clients],
  ["RequestClientCert", "", clients],
  ["RequireAnyClientCert", "", ["known", "other", "strange"]],
  ["RequireClientCert", "", ["known", "other", "strange"]],
  ["VerifyClientCertIfGiven", "  client_ca_file: own.crt\n", ["none", "known", "other"]],
  ["RequireAndVerifyClientCert", "  client_ca_file: own.crt\n", ["known", "other"]],
  // Those of the system's authorities, who know none of them.
  ["VerifyClientCertIfGiven", "", ["none"]],
  ["RequireAndVerifyClientCert", "", []],
  ["RequestClientCert", "  client_allowed_sans: [other.example]\n", ["other"]],
  ["RequireAnyClientCert", "  client_allowed_sans: [jobs.example]\n", ["known", "strange"]],
  [
    "VerifyClientCertIfGiven",
    "  client_ca_file: own.crt\n  client_allowed_sans: [jobs.example]\n",
    ["known"],
  ],
  [
    "RequireAndVerifyClientCert",
    "  client_ca_file: own.crt\n  client_allowed_sans: [jobs.example]\n",
    ["known"],
  ],
  ["RequireAndVerifyClientCert", "  client_ca_file: own.crt\n  client_allowed_sans: []\n", []],
])("%s %j", (type, settings, expected) => {
  beforeAll(() => gateway.configure(`${server}  client_auth_type: ${type}\n${settings}`));
  test.each(["-tls1_2", "-tls1_3"])("%s", async (version) => {
    expect(await served(version)).toEqual(expected);
  });
});

test.each([
  ["jobs.example", true],
  ["10.1.2.3", true],
  ["2001:db8::1", true],
  ["jobs@example.org", true],
  ["spiffe://example.org/jobs", true],
  ["Jobs.example", false],
  ["example", false],
  ["*.example", false],
  ["spiffe://example.org/", false],
])("of the allowed names %j: %j", async (name, isAllowed) => {
  await gateway.configure(
    `${server}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: own.crt\n  client_allowed_sans: ["nobody", "${name}"]\n`,
  );
  expect((await shakeHandsAs("known", [])).isServed).toBe(isAllowed);
});

test("who is asked for a certificate and shows none is told so by an alert", async () => {
  await gateway.configure(
    `${server}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: own.crt\n`,
  );
  expect((await shakeHandsAs("none", ["-tls1_2"])).output).toInclude("alert handshake failure");
  expect((await shakeHandsAs("none", ["-tls1_3"])).output).toInclude("alert certificate required");
});

test.each(["-tls1_2", "-tls1_3"])(
  "a session that is resumed lets in nobody who was refused: %s",
  async (version) => {
    await gateway.configure(
      `${server}  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: own.crt\n  client_allowed_sans: [jobs.example]\n`,
    );
    for (const client of clients) {
      const session = join(gateway.directory, `session${version}-${client}`);
      const first = await shakeHandsAs(client, [version, "-sess_out", session]);
      // Without a certificate: the session stands for it.
      const again = await shakeHands(gateway.port, [version, "-sess_in", session]);
      expect({ client, first: first.isServed, again: again.isServed }).toEqual({
        client,
        first: client === "known",
        again: client === "known",
      });
    }
  },
);

test("a session from before a reload is not resumed", async () => {
  const session = join(gateway.directory, "session");
  await gateway.configure(`${server}  client_auth_type: RequestClientCert\n`);
  expect((await shakeHandsAs("other", ["-sess_out", session])).isServed).toBeTrue();
  const again = await shakeHandsAs("other", ["-sess_in", session]);
  expect(again.output).toMatch(/^Reused, TLSv1\.3/m);
  await gateway.configure(
    `${server}  client_auth_type: RequestClientCert\n  client_allowed_sans: [jobs.example]\n`,
  );
  expect((await shakeHands(gateway.port, ["-sess_in", session])).isServed).toBeFalse();
});
