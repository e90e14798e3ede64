import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Authority, type CertificateFiles, createAuthority } from "../redis/certificates.ts";
import { type Client, createClient } from "./client.ts";
import {
  type ConfiguredGateway,
  replace,
  startConfigured,
  temporaryDirectory,
} from "./configured-gateway.ts";
import { hashes } from "./password-hashes.ts";

const timeout = 15_000;

interface Place {
  readonly directory: string;
  readonly authority: Authority;
  readonly ca: string;
}

async function makePlace(): Promise<Place> {
  const directory = await temporaryDirectory();
  const authority = await createAuthority(directory, "ca");
  return { directory, authority, ca: await readFile(authority.caFile, "utf8") };
}

async function fingerprintOf({ certFile }: CertificateFiles): Promise<string> {
  return new X509Certificate(await readFile(certFile)).fingerprint256;
}

const pairText = ({ certFile, keyFile }: CertificateFiles) =>
  `tls_server_config:\n  cert_file: ${certFile}\n  key_file: ${keyFile}\n`;

async function ownMetric(client: Client, name: string): Promise<number> {
  const { text } = await client.send("/-/metrics");
  return Number(new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1]);
}

test("a certificate that takes the place of another is served to new connections by itself, and old ones go on", async () => {
  const place = await makePlace();
  const [one, two] = [
    await place.authority.issue("IP:127.0.0.1"),
    await place.authority.issue("IP:127.0.0.1"),
  ];
  await using gateway = await startConfigured(pairText(one), { directory: place.directory, scheme: "https" });
  const { port } = gateway;
  using old = createClient({ port, ca: place.ca });
  using fresh = createClient({ port, ca: place.ca, keepAlive: false });
  expect((await old.send("/-/healthy")).fingerprint).toBe(await fingerprintOf(one));

  // As certbot and the like do: one after the other.
  await replace(one.certFile, await readFile(two.certFile, "utf8"));
  await replace(one.keyFile, await readFile(two.keyFile, "utf8"));
  await expect
    .poll(async () => (await fresh.send("/-/healthy")).fingerprint, { timeout })
    .toBe(await fingerprintOf(two));
  expect((await old.send("/-/healthy")).fingerprint).not.toBe(await fingerprintOf(two));
  expect(old.connections).toBe(1);
  expect(gateway.process.output()).toInclude("configuration read again");
});

test("a mounted secret of Kubernetes is followed through its links", async () => {
  const place = await makePlace();
  const versions = await Promise.all(
    [1, 2].map(async (version) => {
      const pair = await place.authority.issue(`IP:127.0.0.1,DNS:v${version}.example`);
      const folder = join(place.directory, `..${version}`);
      await mkdir(folder);
      await rename(pair.certFile, join(folder, "tls.crt"));
      await rename(pair.keyFile, join(folder, "tls.key"));
      return { folder, fingerprint: await fingerprintOf({ ...pair, certFile: join(folder, "tls.crt") }) };
    }),
  );
  const pointTo = async (version: number) => {
    await symlink(versions[version]?.folder ?? "", join(place.directory, "..data.new"));
    await rename(join(place.directory, "..data.new"), join(place.directory, "..data"));
  };
  await pointTo(0);
  for (const name of ["tls.crt", "tls.key"]) await symlink(`..data/${name}`, join(place.directory, name));
  await using gateway = await startConfigured(
    "tls_server_config: {cert_file: tls.crt, key_file: tls.key}\n",
    {
      directory: place.directory,
      scheme: "https",
    },
  );
  using client = createClient({ port: gateway.port, ca: place.ca, keepAlive: false });
  expect((await client.send("/-/healthy")).fingerprint).toBe(versions[0]?.fingerprint);
  await pointTo(1);
  await expect
    .poll(async () => (await client.send("/-/healthy")).fingerprint, { timeout })
    .toBe(versions[1]?.fingerprint);
});

test("what cannot be used changes nothing, is logged once and told by a metric, until it is mended", async () => {
  const place = await makePlace();
  const [one, two] = [
    await place.authority.issue("IP:127.0.0.1"),
    await place.authority.issue("IP:127.0.0.1"),
  ];
  await using gateway = await startConfigured(pairText(one), { directory: place.directory, scheme: "https" });
  using client = createClient({ port: gateway.port, ca: place.ca, keepAlive: false });
  const isGood = () => ownMetric(client, "pushfleet_web_config_last_reload_successful");
  const goodAt = () => ownMetric(client, "pushfleet_web_config_last_reload_success_timestamp_seconds");
  expect(await isGood()).toBe(1);
  const startedAt = await goodAt();
  const served = await fingerprintOf(one);
  const key = await readFile(one.keyFile, "utf8");

  await replace(one.keyFile, await readFile(two.keyFile, "utf8"));
  await expect.poll(isGood, { timeout }).toBe(0);
  expect((await client.send("/-/healthy")).fingerprint).toBe(served);
  expect(await goodAt()).toBe(startedAt);
  await rm(one.certFile);
  await expect.poll(() => gateway.process.output(), { timeout }).toInclude("ENOENT");
  const complaints = gateway.process.output().match(/level=error.*web\.yml:\d: .*$/gm) ?? [];
  expect(complaints).toHaveLength(2);
  expect(complaints[0]).toInclude("web.yml:3: tls_server_config.key_file has another key");
  expect(complaints[1]).toInclude("web.yml:2: tls_server_config.cert_file cannot be read: ENOENT");

  await replace(one.certFile, await readFile(two.certFile, "utf8"));
  await expect.poll(isGood, { timeout }).toBe(1);
  expect((await client.send("/-/healthy")).fingerprint).not.toBe(served);
  expect(await goodAt()).toBeGreaterThan(startedAt);
  expect(gateway.process.output()).not.toInclude(key.split("\n")[1] ?? "");
});

test("TLS is turned on and off at run time, and /-/reload tells what is wrong", async () => {
  const place = await makePlace();
  const pair = await place.authority.issue("IP:127.0.0.1");
  await using gateway = await startConfigured("", {
    directory: place.directory,
    flags: ["--web.enable-lifecycle"],
  });
  const plain = `http://127.0.0.1:${gateway.port}`;
  using client = createClient({ port: gateway.port, ca: place.ca });
  expect((await fetch(`${plain}/-/healthy`)).status).toBe(200);

  await writeFile(gateway.file, pairText(pair));
  expect((await fetch(`${plain}/-/reload`, { method: "POST" })).status).toBe(200);
  expect((await client.send("/-/healthy")).status).toBe(200);

  await writeFile(gateway.file, `${pairText(pair)}  min_version: TLS9\n`);
  const refused = await client.send("/-/reload", { method: "POST" });
  expect(refused.status).toBe(500);
  expect(refused.text).toBe(
    `failed to reload config: ${gateway.file}:4: tls_server_config.min_version must be one of TLS10, TLS11, TLS12, TLS13\n`,
  );

  await gateway.configure("");
  expect((await fetch(`${plain}/-/healthy`)).status).toBe(200);
  expect((await client.send("/-/healthy")).status).toBe(200);
  expect(client.connections).toBe(1);
});

test("a stop lets a push over TLS finish, and neither idle connections nor the thread for passwords hold it up", async () => {
  const place = await makePlace();
  const pair = await place.authority.issue("IP:127.0.0.1");
  const text = `${pairText(pair)}basic_auth_users:\n  jobs: ${hashes.secret}\n`;
  await using gateway = await startConfigured(text, { directory: place.directory, scheme: "https" });
  const { port } = gateway;
  using idle = createClient({ port, ca: place.ca, auth: "jobs:secret" });
  expect((await idle.send("/metrics")).status).toBe(200);
  const push = request({
    ...{ host: "127.0.0.1", port, ca: place.ca, auth: "jobs:secret" },
    ...{ method: "PUT", path: "/metrics/job/slow", headers: { Expect: "100-continue" } },
  });
  push.write("m ");
  await once(push, "continue");
  const stopped = gateway.process.stop("SIGTERM");
  await expect.poll(() => gateway.process.output()).toInclude("stopping");
  const stoppedAt = performance.now();
  push.end("1\n");
  const [response] = await once(push, "response");
  expect(response.statusCode).toBe(200);
  response.resume();
  expect(await stopped).toBe(0);
  expect(performance.now() - stoppedAt).toBeLessThan(10_000);
});

test("under load no request is lost while certificates and users are exchanged 20 times", async () => {
  const swaps = 20;
  const place = await makePlace();
  const pairs = [await place.authority.issue("IP:127.0.0.1"), await place.authority.issue("IP:127.0.0.1")];
  const users = [
    `basic_auth_users:\n  jobs: ${hashes.secret}\n`,
    `basic_auth_users:\n  other: ${hashes.x}\n  jobs: ${hashes["secret again"]}\n`,
  ];
  const text = (n: number) => pairText(pairs[n % 2] ?? { certFile: "", keyFile: "" }) + users[n % 2];
  await using gateway = await startConfigured(text(0), { directory: place.directory, scheme: "https" });
  const load = startLoad(gateway, place.ca);
  const fingerprints = await Promise.all(pairs.map(fingerprintOf));
  for (let n = 1; n <= swaps; n++) {
    const before = load.answered();
    await gateway.configure(text(n));
    using fresh = createClient({ port: gateway.port, ca: place.ca, keepAlive: false });
    expect((await fresh.send("/-/healthy")).fingerprint).toBe(fingerprints[n % 2]);
    // The new users' passwords are checked under load as well before the next exchange.
    await expect.poll(load.answered, { timeout }).toBeGreaterThan(before + 50);
  }
  const { failures, answered, connections } = await load.stop();
  expect(failures).toEqual([]);
  expect(answered).toBeGreaterThan(swaps * 50);
  expect(connections).toEqual([1, 1, 1, 1]);
  expect(gateway.process.output()).not.toInclude("level=error");
});

/** Four clients that keep their connections and two that make a new one for each push, until they are stopped. */
function startLoad({ port }: ConfiguredGateway, ca: string) {
  const failures: string[] = [];
  let answered = 0;
  let isStopped = false;
  const push = async (client: Client, job: string) => {
    for (let n = 0; !isStopped; n++) {
      const { status, text } = await client
        .send(`/metrics/job/${job}`, { method: "PUT", body: `m ${n}\n` })
        .catch((error: unknown) => ({ status: 0, text: String(error) }));
      answered++;
      if (status !== 200) failures.push(`${status} ${text}`);
    }
  };
  const auth = "jobs:secret";
  const kept = Array.from({ length: 4 }, () => createClient({ port, ca, auth }));
  const fresh = Array.from({ length: 2 }, () => createClient({ port, ca, auth, keepAlive: false }));
  const running = [...kept, ...fresh].map((client, index) => push(client, `job-${index}`));
  return {
    answered: () => answered,
    async stop() {
      isStopped = true;
      await Promise.all(running);
      for (const client of [...kept, ...fresh]) client[Symbol.dispose]();
      return { failures, answered, connections: kept.map((client) => client.connections) };
    },
  };
}
