/** Passwords and tokens, however they were given, are in nothing that a gateway writes or answers. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { failedStart } from "../redis/failed-start.ts";
import { startSecuredRedis } from "../redis/secured-redis.ts";
import { startGateway } from "../support/gateway.ts";
import { hashes } from "../tls/password-hashes.ts";
import { tokens } from "./rules.ts";

const sha256 = (given: string) => createHash("sha256").update(given).digest("hex");
const base64 = (given: string) => Buffer.from(given).toString("base64");

/** By where they come from. Passwords are single words, so that no form of them is missed. */
const secrets = {
  "the password of Redis": "hunter-of-redis",
  "the password of Sentinels": "hunter-of-sentinels",
  "the password in the external URL": "hunter-of-url",
  "a user's password": "of bob",
  "a wrong password": "hunter-mistyped",
  "a token": tokens["team-a"],
  "an unknown token": "hunter-token",
  "other credentials": "hunter-digest",
  "the password in a request's own URL": "hunter-target",
} as const;

/** The secret as it is, and as it is stored or sent. */
const formsOf = (secret: string) => [
  secret,
  encodeURIComponent(secret),
  base64(secret).replace(/=+$/, ""),
  base64(`bob:${secret}`),
  sha256(secret),
];

const forbidden = [...Object.values(secrets).flatMap(formsOf), hashes["of bob"]];

const found = (given: string) => forbidden.filter((form) => given.includes(form));

interface Sent {
  readonly method: string;
  /** As it stands in the request line. */
  readonly target: string;
  readonly authorization?: string;
  readonly body?: string;
}

/** Resolves to all of the answer. */
async function send(port: string, { method, target, authorization, body }: Sent): Promise<string> {
  const headers = authorization === undefined ? {} : { Authorization: authorization };
  const asking = request({ host: "127.0.0.1", port, method, path: target, headers });
  asking.end(body);
  const [answer] = (await once(asking, "response")) as [IncomingMessage]; // what this event brings
  return `${answer.statusCode} ${answer.rawHeaders.join("\n")}\n${await text(answer)}`;
}

test("secrets from flags, files and requests are in no log, answer, status or audit log", async () => {
  const folder = await mkdtemp(join(tmpdir(), "pushfleet-secrets-"));
  await using _ = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
  const file = async (name: string, content: string) => {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };
  const audit = join(folder, "audit.log");
  await using redis = await startSecuredRedis({ password: secrets["the password of Redis"] });
  const web = await file("web.yml", `basic_auth_users:\n  bob: ${hashes["of bob"]}\n`);
  const rules = await file(
    "pushfleet.yml",
    `access:
  identities:
    - name: team-a
      users: [bob]
      token_sha256: [${sha256(tokens["team-a"])}]
      allow: [{roles: [push, delete, scrape, read], match: '{job=~"a-.*"}'}]
`,
  );
  await using gateway = await startGateway({
    redisUrl: `redis://${redis.host}:${redis.port}`,
    flags: [
      `--redis.password-file=${await file("redis", secrets["the password of Redis"])}`,
      `--redis.sentinel-password=${secrets["the password of Sentinels"]}`,
      `--web.external-url=http://bob:${secrets["the password in the external URL"]}@push.example.com/`,
      `--web.config.file=${web}`,
      `--config.file=${rules}`,
      `--audit.log=${audit}`,
      "--log.level=debug",
      "--web.enable-lifecycle",
      "--push.max-body-size=1KiB",
    ],
  });
  const { port } = new URL(gateway.url);
  const withPassword = (password: string) => `Basic ${base64(`bob:${password}`)}`;
  const whole = `http://bob:${secrets["the password in a request's own URL"]}@127.0.0.1:${port}`;
  const answers: string[] = [];
  for (const authorization of [
    withPassword(secrets["a user's password"]),
    withPassword(secrets["a wrong password"]),
    `Basic ${secrets["other credentials"]}`,
    `Bearer ${secrets["a token"]}`,
    `Bearer ${secrets["an unknown token"]}`,
    `Digest ${secrets["other credentials"]}`,
  ]) {
    for (const prefix of ["", whole]) {
      for (const sent of [
        { method: "PUT", target: "/metrics/job/a-1", body: "m 1\n" },
        { method: "PUT", target: "/metrics/job/a-1?ttl=x", body: "m 1\n" },
        { method: "PUT", target: "/metrics/job/a-1", body: "m 1 123\n" },
        { method: "PUT", target: "/metrics/job/a-1", body: `m{l="${"x".repeat(2_000)}"} 1\n` },
        { method: "PUT", target: "/metrics/job/a-1/broken", body: "m 1\n" },
        { method: "PUT", target: "/metrics/job/b-1", body: "m 1\n" },
        { method: "PUT", target: "/nowhere", body: "m 1\n" },
        { method: "DELETE", target: '/api/v1/groups?match[]={job="a-1"}' },
        { method: "POST", target: "/-/reload" },
        { method: "GET", target: "/metrics" },
        { method: "GET", target: "/-/metrics" },
        { method: "GET", target: "/api/v1/status" },
        { method: "GET", target: "/api/v1/cluster" },
        { method: "GET", target: "/api/v1/groups?limit=x" },
        { method: "GET", target: "/" },
      ])
        answers.push(await send(port, { ...sent, target: prefix + sent.target, authorization }));
    }
  }
  for (const answer of answers) expect(found(answer), answer).toBeEmpty();
  // The requests came as far as they were meant to.
  for (const status of [200, 400, 401, 403, 413])
    expect(answers.map((answer) => answer.slice(0, 3))).toContain(`${status}`);
  expect(answers.join("\n")).toInclude("http://bob:xxxxx@push.example.com/");

  await gateway.process.stop();
  const log = gateway.process.output();
  expect(log).toInclude("request refused");
  expect(found(log)).toBeEmpty();
  const notes = await readFile(audit, "utf8");
  expect(notes).toInclude("path=/nowhere");
  expect(found(notes)).toBeEmpty();
});

const secret = "hunter-of-flag";

test.each([
  `--redis.url=redis://u:${secret}@127.0.0.1:notaport`,
  `--redis.url=redis://u:${secret}@127.0.0.1/x`,
  `--redis.url=redis://u:${secret}%zz@127.0.0.1:1`,
  `--redis.url=u:${secret}@127.0.0.1`,
  `--redis.url=redis://u:${secret}@127.0.0.1:1`,
  `--redis.sentinels=u:${secret}@127.0.0.1:1`,
  `--redis.pasword=${secret}`,
  `--web.external-url=u:${secret}@push.example.com`,
  `--web.external-url=ftp://u:${secret}@push.example.com`,
  `--web.trusted-origins=https://u:${secret}@push.example.com`,
])("a gateway that cannot start with %s says so without the secret", async (flag) => {
  const { code, output } = await failedStart("gateway", ["--log.level=debug", flag]);
  expect(code).toBeOneOf([1, 2]);
  expect(output).toInclude(flag.slice(0, flag.indexOf("=")));
  expect(output).not.toInclude(secret);
});
