/** What cannot work stops the start, with one line that names the option and the reason and keeps the password. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../support/ports.ts";
import { createAuthority } from "./certificates.ts";
import { failedStart } from "./failed-start.ts";
import { createRealm, type Realm, type SecuredRedis, startSecuredRedis } from "./secured-redis.ts";

const password = "top-secret";
const wrong = "wrong-secret";
/** Both are in it. */
const anySecret = /secret/;

interface Place {
  readonly realm: Realm;
  /** TLS only. */
  readonly secured: SecuredRedis;
  /** Without TLS. */
  readonly plain: SecuredRedis;
  /** Where nobody listens. */
  readonly nowhere: number;
  /** An authority that has signed nobody here. */
  readonly foreignCa: string;
  /** What the flags need to show a certificate which that authority signed. */
  readonly foreignCertificate: readonly string[];
  readonly notPem: string;
}

let place: Place;
let all: AsyncDisposableStack;

beforeAll(async () => {
  await using started = new AsyncDisposableStack();
  const realm = started.use(await createRealm());
  const users = [
    `user nothing on >${password} ~pushfleet:*`,
    `user only-info on >${password} ~pushfleet:* +info`,
    `user no-times on >${password} ~pushfleet:* +@all -time`,
    `user elsewhere on >${password} ~other:* +@all`,
    `user here-only on >${password} ~pushfleet:* +@all -select`,
  ];
  const foreign = await createAuthority(realm.directory, "foreign");
  const foreignPair = await foreign.issue("DNS:client");
  const notPem = join(realm.directory, "not.pem");
  await writeFile(notPem, `${password}\n`);
  const settings = ["bind 127.0.0.1 127.0.0.2", ...users];
  place = {
    realm,
    secured: started.use(await startSecuredRedis({ realm, password, settings })),
    plain: started.use(await startSecuredRedis({ password, settings: users })),
    nowhere: await freePort(),
    foreignCa: foreign.caFile,
    foreignCertificate: [
      `--redis.tls-cert-file=${foreignPair.certFile}`,
      `--redis.tls-key-file=${foreignPair.keyFile}`,
    ],
    notPem,
  };
  all = started.move();
});
afterAll(() => all.disposeAsync());

const inside = ({ realm, secured }: Place, host = "127.0.0.1", credentials = `:${password}`) => [
  `--redis.url=rediss://${credentials}@${host}:${secured.port}`,
  ...realm.flags,
];
const open = ({ plain }: Place, credentials = `:${password}`, database = "") => [
  `--redis.url=redis://${credentials}@127.0.0.1:${plain.port}${database}`,
];

const refusals: readonly [what: string, flags: (place: Place) => readonly string[], line: RegExp][] = [
  [
    "an authority that did not sign the server's certificate",
    (at) => [
      ...inside(at).filter((flag) => !flag.includes("ca-file")),
      `--redis.tls-ca-file=${at.foreignCa}`,
    ],
    /^--redis\.url: cannot connect to Redis at 127\.0\.0\.1:\d+: .*certificate.* \(see --redis\.tls-ca-file\)$/,
  ],
  [
    "a name that the server's certificate does not have",
    (at) => inside(at, "127.0.0.2"),
    /^--redis\.url: cannot connect to Redis at 127\.0\.0\.2:\d+: .*does not match certificate's altnames.*127\.0\.0\.1$/,
  ],
  [
    "no client certificate",
    (at) => inside(at).filter((flag) => !/cert-file|key-file/.test(flag)),
    /^--redis\.url: cannot connect to Redis at [^ ]+: .* \((see|perhaps it wants another) --redis\.tls-cert-file\)$/,
  ],
  [
    "a client certificate of somebody else",
    (at) => [...inside(at).filter((flag) => !/cert-file|key-file/.test(flag)), ...at.foreignCertificate],
    /^--redis\.url: cannot connect to Redis at [^ ]+: .* \((see|perhaps it wants another) --redis\.tls-cert-file\)$/,
  ],
  [
    "a key that is not the certificate's",
    (at) => [...inside(at), ...at.foreignCertificate.filter((flag) => flag.includes("key-file"))],
    /^--redis\.tls-key-file holds another key than that of --redis\.tls-cert-file$/,
  ],
  [
    "an authority's file without a certificate",
    (at) => [...inside(at), `--redis.tls-ca-file=${at.notPem}`],
    /^--redis\.tls-ca-file has not a certificate in PEM form$/,
  ],
  [
    "TLS to a server that speaks none",
    (at) => [...open(at), "--redis.tls"],
    /^--redis\.url: cannot connect .* \(perhaps it speaks no TLS on that port\)$/,
  ],
  [
    "no TLS to a server that wants it",
    (at) => [`--redis.url=redis://:${password}@127.0.0.1:${at.secured.port}`],
    /^--redis\.url: cannot connect .* \(perhaps it speaks TLS: see --redis\.tls\)$/,
  ],
  [
    "a wrong password",
    (at) => inside(at, "127.0.0.1", `:${wrong}`),
    /^--redis\.url: cannot connect to Redis at [^ ]+: WRONGPASS .* \(see --redis\.username and --redis\.password-file\)$/,
  ],
  [
    "a user who does not exist",
    (at) => open(at, `nobody:${wrong}`),
    /^--redis\.url: cannot connect to Redis at [^ ]+: WRONGPASS .* \(see --redis\.username and --redis\.password-file\)$/,
  ],
  [
    "no password where one is needed",
    (at) => [`--redis.url=redis://127.0.0.1:${at.plain.port}`],
    /^--redis\.url: cannot connect to Redis at [^ ]+: NOAUTH .* \(see --redis\.username and --redis\.password-file\)$/,
  ],
  [
    "a password with a % of its own",
    (at) => open(at, ":secret%"),
    /^--redis\.url: the user name or password in the Redis URL has a % that is not written as %25$/,
  ],
  [
    "a user who may not even ask how Redis is",
    (at) => open(at, `nothing:${password}`),
    /^--redis\.url: Redis at [^ ]+ refuses: NOPERM .*'info' command \(docs\/operations\.md has the rights that are needed\)$/,
  ],
  [
    "a user who may see how Redis is, and no more",
    (at) => open(at, `only-info:${password}`),
    /^--redis\.url: Redis at [^ ]+ refuses: NOPERM .*'evalsha' command \(docs\/operations\.md has the rights that are needed\)$/,
  ],
  [
    "a user whom a right is missing that scripts need",
    (at) => open(at, `no-times:${password}`),
    /^--redis\.url: Redis at [^ ]+ refuses: ERR The user executing the script .* \(docs\/operations\.md has the rights that are needed\)$/,
  ],
  [
    "a user of other keys",
    (at) => open(at, `elsewhere:${password}`),
    /^--redis\.url: Redis at [^ ]+ refuses: NOPERM .*keys.* \(docs\/operations\.md has the rights that are needed\)$/,
  ],
  [
    "another database for a user who may not select one",
    (at) => open(at, `here-only:${password}`, "/1"),
    /^--redis\.url: cannot connect to Redis at [^ ]+: NOPERM .*'select' command \(docs\/operations\.md has the rights that are needed\)$/,
  ],
  [
    "a database that does not exist",
    (at) => open(at, `:${password}`, "/99"),
    /^--redis\.url: cannot connect to Redis at [^ ]+: ERR DB index is out of range \(see --redis\.database\)$/,
  ],
  [
    "a port where nobody listens",
    (at) => [`--redis.url=rediss://:${password}@127.0.0.1:${at.nowhere}`, ...at.realm.flags],
    /^--redis\.url: cannot connect to Redis at [^ ]+: connect ECONNREFUSED 127\.0\.0\.1:\d+$/,
  ],
  [
    "a host that has no address",
    () => [`--redis.url=redis://:${password}@redis.invalid`],
    /^--redis\.url: cannot connect to Redis at redis\.invalid:6379: getaddrinfo \w+ redis\.invalid$/,
  ],
];

describe.each(["gateway", "reaper"] as const)("the %s does not start with", (program) => {
  test.concurrent.each(refusals)("%s", async (_what, flags, line) => {
    const { code, output } = await failedStart(program, flags(place));
    expect(output).toEndWith("\n");
    const prefix = `pushfleet-${program}: `;
    expect(output).toStartWith(prefix);
    expect(output.slice(prefix.length, -1)).toMatch(line);
    expect(output).not.toMatch(anySecret);
    expect(code).toBeOneOf([1, 2]);
  });
});
