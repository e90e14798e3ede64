import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { Agent, get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createAuthority } from "../redis/certificates.ts";
import { federate, patient, peerMetric, soon, startRegion } from "./regions.ts";

test("wrong credentials are told as such, and right ones are used as soon as the file has them", async () => {
  const directory = await mkdtemp(join(tmpdir(), "pushfleet-federator-"));
  try {
    const [rules, tokenFile] = [join(directory, "rules.yml"), join(directory, "token")];
    const hash = createHash("sha256").update("right").digest("hex");
    await writeFile(
      rules,
      `access: { identities: [{ name: peer, token_sha256: [${hash}], allow: [{ roles: [federate] }] }, { name: anyone, allow: [{ roles: [scrape] }] }] }`,
    );
    await writeFile(tokenFile, "wrong\n");
    await using east = await startRegion("east");
    await using west = await startRegion("west", [`--config.file=${rules}`]);
    await using federator = await federate(east, { west: west.gateway.url }, [
      `--federation.token-file=${tokenFile}`,
    ]);
    await east.push("a");
    await expect.poll(() => federator.process?.output(), soon).toInclude("the peer refuses our credentials");
    expect(federator.process?.output()).not.toInclude("wrong\n");
    await writeFile(tokenFile, "right\n");
    await expect.poll(() => west.jobs(), patient).toEqual(["a"]);
  } finally {
    await rm(directory, { recursive: true });
  }
}, 120_000);

test("certificates of both sides are looked at; those of a peer may stand in the config file", async () => {
  const directory = await mkdtemp(join(tmpdir(), "pushfleet-federator-"));
  try {
    const [own, foreign] = await Promise.all([
      createAuthority(directory, "own"),
      createAuthority(directory, "foreign"),
    ]);
    const server = await own.issue("IP:127.0.0.1");
    const client = await own.issue("DNS:federator");
    const [web, rules, peers] = ["web.yml", "rules.yml", "peers.yml"].map((name) => join(directory, name));
    if (web === undefined || rules === undefined || peers === undefined) throw new Error("three files");
    await writeFile(
      web,
      `tls_server_config: { cert_file: ${server.certFile}, key_file: ${server.keyFile}, client_auth_type: VerifyClientCertIfGiven, client_ca_file: ${own.caFile} }`,
    );
    await writeFile(
      rules,
      'access: { identities: [{ name: peer, certificates: ["CN=signed by own"], allow: [{ roles: [federate] }] }, { name: anyone, allow: [{ roles: [scrape] }] }] }',
    );
    await using east = await startRegion("east");
    await using west = await startRegion(
      "west",
      [`--web.config.file=${web}`, `--config.file=${rules}`],
      "https",
    );
    const withPeer = (settings: string) =>
      writeFile(peers, `federation: { peers: [{ id: west, url: "${west.gateway.url}"${settings} }] }`);
    const shows = `, cert_file: ${client.certFile}, key_file: ${client.keyFile}`;
    await east.push("a");

    const attempts = [
      [`, ca_file: ${foreign.caFile}${shows}`, "the link to the peer is lost"],
      [`, ca_file: ${own.caFile}`, "the peer refuses our credentials"],
    ] as const;
    for (const [settings, problem] of attempts) {
      await withPeer(settings);
      await using refused = await federate(east, {}, [`--config.file=${peers}`]);
      await expect.poll(() => refused.process?.output(), patient).toInclude(problem);
    }

    await withPeer(`, ca_file: ${own.caFile}${shows}`);
    await using federator = await federate(east, {}, [`--config.file=${peers}`]);
    await expect.poll(() => peerMetric(federator, "shipped_groups_total", "west"), patient).toBe(1);
    const agent = new Agent({ ca: readFileSync(own.caFile) });
    const scraped = await new Promise<string>((resolve, reject) => {
      get(`${west.gateway.url}/metrics`, { agent }, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString())).on("end", () => resolve(text));
      }).on("error", reject);
    });
    expect(scraped).toInclude('m{instance="",job="a"} 1');
  } finally {
    await rm(directory, { recursive: true });
  }
}, 120_000);
