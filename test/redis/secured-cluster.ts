/** A primary, its replica and a Sentinel, with passwords and TLS everywhere, and the users that docs/operations.md proposes. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { vi } from "vitest";
import { documentedUser } from "./documented-user.ts";
import { createRealm, type SecuredRedis, startSecuredRedis } from "./secured-redis.ts";

export interface SecuredCluster extends AsyncDisposable {
  readonly primary: SecuredRedis;
  readonly replica: SecuredRedis;
  readonly sentinel: SecuredRedis;
  readonly masterName: string;
  /** What a program is told of all this, but for users and passwords. */
  readonly flags: readonly string[];
  /** The same with those, for a user of the document. */
  flagsOf(user: string): Promise<readonly string[]>;
}

const masterName = "secured";
/** Of the user `default` of each. */
const passwords = { nodes: "secret-of-the-nodes", sentinel: "secret-of-the-sentinel" };
const patient = { timeout: 20_000, interval: 50 };

/** Resolves when the Sentinel knows the replica, which follows the primary. */
export async function startSecuredCluster(): Promise<SecuredCluster> {
  await using started = new AsyncDisposableStack();
  const realm = started.use(await createRealm());
  const startNode = async (...settings: string[]) =>
    started.use(await startSecuredRedis({ realm, password: passwords.nodes, settings }));
  const users = await Promise.all(["pushfleet-gateway", "pushfleet-reaper"].map(documentedUser));
  const common = [
    ...users.map(({ line }) => line),
    `masterauth ${passwords.nodes}`,
    "repl-diskless-sync-delay 0",
    "replica-announce-ip 127.0.0.1",
  ];
  const primary = await startNode(...common);
  const replica = await startNode(...common, `replicaof 127.0.0.1 ${primary.port}`);
  await until(async () => /state=online/.test(String(await primary.command("info", "replication"))));
  const sentinel = started.use(
    await startSecuredRedis({
      mode: "sentinel",
      realm,
      password: passwords.sentinel,
      settings: [
        `sentinel monitor ${masterName} 127.0.0.1 ${primary.port} 1`,
        `sentinel auth-pass ${masterName} ${passwords.nodes}`,
        `sentinel down-after-milliseconds ${masterName} 1500`,
        `sentinel failover-timeout ${masterName} 3000`,
      ],
    }),
  );
  // Else it takes 10 seconds to make a replica of the old primary after a failover.
  await sentinel.command("sentinel", "debug", "info-period", "500", "publish-period", "250");
  await until(async () => {
    const replicas = await sentinel.command("sentinel", "replicas", masterName);
    return Array.isArray(replicas) && replicas.length === 1;
  });

  const passwordFile = async (name: string, password: string) => {
    const file = join(realm.directory, `password-${name}`);
    await writeFile(file, `${password}\n`);
    return file;
  };
  const flags = [
    `--redis.sentinels=localhost:${sentinel.port}`,
    `--redis.master-name=${masterName}`,
    "--redis.tls",
    ...realm.flags,
  ];
  const all = started.move();
  return {
    primary,
    replica,
    sentinel,
    masterName,
    flags,
    async flagsOf(name) {
      const { password } = await documentedUser(name);
      return [
        ...flags,
        `--redis.username=${name}`,
        `--redis.password-file=${await passwordFile(name, password)}`,
        `--redis.sentinel-password-file=${await passwordFile("sentinel", passwords.sentinel)}`,
      ];
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  await vi.waitUntil(isSo, patient);
}
