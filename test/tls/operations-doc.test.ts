import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createAuthority } from "../redis/certificates.ts";
import { startConfigured, temporaryDirectory } from "./configured-gateway.ts";
import { shakeHands } from "./openssl.ts";

test("the example of docs/operations.md works as it stands", async () => {
  const document = await readFile(new URL("../../docs/operations.md", import.meta.url), "utf8");
  const [, example = ""] = /## TLS and passwords\n.*?```yaml\n(.*?)```/s.exec(document) ?? [];
  expect(example).toInclude("basic_auth_users");
  const directory = await temporaryDirectory();
  const authority = await createAuthority(directory, "clients");
  const [server, client] = [
    await authority.issue("IP:127.0.0.1"),
    await authority.issue("URI:spiffe://example.com/jobs"),
  ];
  await rename(server.certFile, join(directory, "server.crt"));
  await rename(server.keyFile, join(directory, "server.key"));
  await using gateway = await startConfigured("", { directory });
  await gateway.configure(example);
  const { isServed, output } = await shakeHands(gateway.port, [
    ...["-cert", client.certFile],
    ...["-key", client.keyFile],
  ]);
  expect(isServed).toBeTrue();
  expect(output).toInclude("Strict-Transport-Security: max-age=31536000");
  expect((await shakeHands(gateway.port)).isServed).toBeFalse();
});
