/** Redis servers and Sentinels that want a password and, in a realm, TLS with a certificate of every client. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../support/ports.ts";
import { type RedisProcess, type RedisProcessOptions, startRedisProcess } from "../support/redis-process.ts";
import { type Authority, type CertificateFiles, createAuthority } from "./certificates.ts";

/** Who trusts whom: one authority, a certificate for all servers (127.0.0.1 and localhost) and one for all clients. */
export interface Realm extends AsyncDisposable {
  readonly directory: string;
  readonly authority: Authority;
  readonly server: CertificateFiles;
  readonly client: CertificateFiles;
  /** What a program of ours is told to get in. */
  readonly flags: readonly string[];
}

export async function createRealm(): Promise<Realm> {
  const directory = await mkdtemp(join(tmpdir(), "pushfleet-realm-"));
  const authority = await createAuthority(directory, "authority");
  const client = await authority.issue("DNS:client");
  return {
    directory,
    authority,
    server: await authority.issue("IP:127.0.0.1,DNS:localhost"),
    client,
    flags: [
      `--redis.tls-ca-file=${authority.caFile}`,
      `--redis.tls-cert-file=${client.certFile}`,
      `--redis.tls-key-file=${client.keyFile}`,
    ],
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

export interface SecuredRedis extends RedisProcess {
  readonly host: string;
  readonly port: number;
}

export interface SecuredRedisOptions {
  readonly mode?: "server" | "sentinel";
  /** Absent = no TLS. */
  readonly realm?: Realm;
  /** Of the user `default`, who may do everything. */
  readonly password: string;
  /** Further lines of the configuration file. */
  readonly settings?: readonly string[];
}

export async function startSecuredRedis(options: SecuredRedisOptions): Promise<SecuredRedis> {
  const { mode = "server", realm, password, settings = [] } = options;
  const directory = await mkdtemp(join(tmpdir(), "pushfleet-redis-"));
  const remove = () => rm(directory, { recursive: true, force: true });
  const address = { host: "127.0.0.1", port: await freePort() };
  const process = await startRedisProcess({
    mode,
    ...address,
    directory,
    settings: [
      `requirepass ${password}`,
      ...(mode === "server" ? ['save ""'] : []),
      ...(realm === undefined ? [] : tlsSettings(realm, address.port)),
      ...settings,
    ],
    client: { password, ...(realm === undefined ? {} : { tls: await tlsClient(realm) }) },
  }).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  return {
    ...process,
    ...address,
    async [Symbol.asyncDispose]() {
      await process[Symbol.asyncDispose]();
      await remove();
    },
  };
}

/** TLS only, to replicas and Sentinels too. */
function tlsSettings({ authority, server }: Realm, port: number): string[] {
  return [
    "port 0",
    `tls-port ${port}`,
    "tls-auth-clients yes",
    "tls-replication yes",
    `tls-ca-cert-file ${authority.caFile}`,
    `tls-cert-file ${server.certFile}`,
    `tls-key-file ${server.keyFile}`,
  ];
}

async function tlsClient({
  authority,
  client,
}: Realm): Promise<NonNullable<NonNullable<RedisProcessOptions["client"]>["tls"]>> {
  const files = [authority.caFile, client.certFile, client.keyFile];
  const [ca, cert, key] = await Promise.all(files.map((file) => readFile(file, "utf8")));
  return { ca, cert, key };
}
