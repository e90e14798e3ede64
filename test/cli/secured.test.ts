import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createAuthority } from "../redis/certificates.ts";
import { startConfigured, temporaryDirectory } from "../tls/configured-gateway.ts";
import { hashes } from "../tls/password-hashes.ts";
import { createHome } from "./pushfleet.ts";

test("a gateway that asks for a client's certificate and a password gets them", async () => {
  const directory = await temporaryDirectory();
  const [own, foreign] = await Promise.all([
    createAuthority(directory, "own"),
    createAuthority(directory, "foreign"),
  ]);
  const server = await own.issue("IP:127.0.0.1");
  const client = await own.issue("DNS:jobs.example");
  const tls = `tls_server_config:
  cert_file: ${server.certFile}
  key_file: ${server.keyFile}
`;
  // It is seen to be ready before it asks for certificates.
  await using gateway = await startConfigured(tls, { directory, scheme: "https" });
  await gateway.configure(`${tls}  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: own.crt
basic_auth_users:
  alice: ${hashes["of alice"]}
`);
  await using home = await createHome(`https://127.0.0.1:${gateway.port}`);
  const file = join(home.directory, "password");
  await writeFile(file, "of alice\n");
  const certificate = ["--ca", own.caFile, "--cert", client.certFile, "--key", client.keyFile];
  const groups = (...args: string[]) => home.run(["groups", "--timeout=3s", ...args]);
  expect(await groups(...certificate, "--user=alice", `--password-file=${file}`)).toMatchObject({
    exitCode: 0,
    stderr: "",
  });
  const env = { PUSHFLEET_USER: "alice", PUSHFLEET_PASSWORD: "of alice" };
  expect((await home.run(["groups", ...certificate], { env })).exitCode).toBe(0);

  expect(await groups(...certificate)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("was answered 401"),
  });
  expect((await groups("--ca", own.caFile)).exitCode).toBe(1);
  const before = Date.now();
  const distrusted = await groups("--ca", foreign.caFile);
  expect(distrusted).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/failed: .*certificate/) });
  expect(distrusted.endedAtMs - before).toBeLessThan(3_000);
  expect(await groups("--user=alice")).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("--password-file"),
  });
});
