import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CertificateFiles, createAuthority } from "../redis/certificates.ts";
import { startReference } from "../support/reference.ts";
import { startConfigured, temporaryDirectory } from "./configured-gateway.ts";
import { differences } from "./differences.ts";

let directory: string;
let certificates: { readonly server: CertificateFiles; readonly strangeClient: CertificateFiles };
beforeAll(async () => {
  directory = await temporaryDirectory();
  const [own, foreign] = [
    await createAuthority(directory, "ca"),
    await createAuthority(directory, "foreign"),
  ];
  certificates = {
    server: await own.issue("IP:127.0.0.1"),
    strangeClient: await foreign.issue("DNS:client.example"),
  };
});
afterAll(() => rm(directory, { recursive: true }));

describe.each(differences)("$id", ({ id, scheme, text, show, upstream, ours }) => {
  const textOf = () => {
    const { certFile, keyFile } = certificates.server;
    return text.replace("PAIR", `tls_server_config:\n  cert_file: ${certFile}\n  key_file: ${keyFile}\n`);
  };

  test("Pushgateway 1.5.1", async () => {
    const file = join(directory, `${id}.yml`);
    await writeFile(file, textOf());
    await using reference = await startReference([`--web.config.file=${file}`], { scheme });
    const port = Number(new URL(reference.url).port);
    expect(await show({ url: reference.url, port, file }, certificates)).toEqual(upstream);
  });

  test("this gateway", async () => {
    const place = await temporaryDirectory();
    const withCa = textOf().replace("ca.crt", join(directory, "ca.crt"));
    const starting = startConfigured(withCa, { directory: place, scheme });
    if (ours === "refused") return expect(starting).rejects.toThrow("--web.config.file");
    await using gateway = await starting;
    const { port, file } = gateway;
    expect(await show({ url: `${scheme}://127.0.0.1:${port}`, port, file }, certificates)).toEqual(ours);
  });
});
