import { ConfigFileError, InvalidValue, loadConfigFileParser, loadWebConfigReader } from "@pushfleet/config";
import { groupOf, type LabelMatcher, loadMatcherParser, MatcherError } from "@pushfleet/groups";
import { identitiesOf } from "../../../apps/gateway/src/access/identities.ts";
import { ttlPolicy } from "../../../apps/gateway/src/ttl-policy.ts";
import { makePair } from "../../../packages/config/src/web-config.fixture.ts";
import type { Chance } from "../../conformance/random.ts";
import { require, type Session, type Target } from "../target.ts";
import { tellingNames, tellingTexts } from "../words.ts";

const yaml = [
  "\n",
  "  ",
  "    ",
  "- ",
  ": ",
  "{",
  "}",
  "[",
  "]",
  "&a ",
  "*a",
  "<<: *a",
  "!!binary ",
  "!!js/function ",
  "!!set ",
  "| ",
  "> ",
  "? ",
  "---\n",
  "...\n",
  "%YAML 1.1\n",
  "# ",
  '"',
  "'",
  "~",
  "0x10",
  "1e3",
  ".nan",
  "2001-01-01",
] as const;

/** --config.file. */
export const configFile: Target = {
  name: "config-file",
  refusals: [ConfigFileError],
  words: [
    ...yaml,
    ...tellingNames,
    ...tellingTexts,
    "access:",
    "identities:",
    "limits:",
    "ttl:",
    "rules:",
    "match:",
    "roles:",
    "token_sha256:",
    "push.max-series:",
    "{job=~'a.*'}",
    "1h",
    "32MiB",
  ],
  sessionLength: 2_000,
  seeds: () => [],
  generate: randomRules,
  open: openConfigFile,
};

/** Rules in one line each, most of which can be read. */
function randomRules(chance: Chance): Buffer {
  const matcher = () =>
    chance.pick([`'{job=~"a.*"}'`, `x!=""`, `'{"__proto__"="b"}'`, "{}", "!!str a=`b`", "5"]);
  const ttl = () => chance.pick(["1h", "0", "90m", "1w2d", "'0'", "1", "~", "1e3"]);
  const limit = () =>
    chance.pick(["push.max-series: 5", "push.max-body-size: 1MiB", "identity: a", "toString: 1"]);
  const role = () => chance.pick(["push", "scrape", "read", "admin", "constructor"]);
  const some = (make: () => string) => Array.from({ length: chance.int(0, 3) }, make).join("\n");
  const sections = [
    `ttl:\n  rules:\n${some(() => `    - {match: ${matcher()}, ttl: ${ttl()}}`)}`,
    `limits:\n  rules:\n${some(() => `    - {match: ${matcher()}, ${limit()}}`)}`,
    `access:\n  identities:\n${some(() => `    - {name: ${role()}, users: [${ttl()}], allow: [{roles: [${role()}]}]}`)}`,
  ];
  return Buffer.from(sections.filter(() => chance.flip(0.6)).join("\n"));
}

async function openConfigFile(): Promise<Session> {
  const parseMatchers = await loadMatcherParser();
  const parse = await loadConfigFileParser((text): readonly LabelMatcher[] => {
    try {
      return parseMatchers(text);
    } catch (error) {
      if (!(error instanceof MatcherError)) throw error;
      throw new InvalidValue(error.message, { cause: error });
    }
  });
  const group = groupOf([["job", "a"]]);
  return {
    take(input) {
      const { access, ttl, limits } = parse(input.toString(), "config.yml");
      const ttlMs = ttlPolicy(ttl.rules, 0)(group);
      const identities = access === null ? undefined : identitiesOf(access);
      return () => {
        require(Number.isSafeInteger(ttlMs) && ttlMs >= 0, `a ttl of ${ttlMs} ms`);
        require(identities?.areAllEqual !== true, "rules that make no difference");
        for (const rule of limits.rules)
          for (const limit of Object.values(rule.limits)) require(limit > 0, `a limit of ${limit}`);
      };
    },
    refused: requireOneLine,
  };
}

/** --web.config.file, beside files with a certificate and its key. */
export const webConfigFile: Target = {
  name: "web-config-file",
  refusals: [ConfigFileError],
  words: [
    ...yaml,
    ...tellingNames,
    ...tellingTexts,
    "tls_server_config:",
    "cert_file: cert.pem",
    "key_file: key.pem",
    "client_auth_type: ",
    "RequireAndVerifyClientCert",
    "min_version: TLS13",
    "cipher_suites: [",
    "basic_auth_users:",
    "$2y$10$",
    "http_server_config:",
    "headers:",
    "Strict-Transport-Security: ",
    "rate_limit:",
    "interval: 1h1.5m",
  ],
  sessionLength: 2_000,
  seeds: () => [],
  open: openWebConfigFile,
};

async function openWebConfigFile(): Promise<Session> {
  const { cert, key } = makePair();
  const read = await loadWebConfigReader();
  return {
    take(input) {
      const files = new Map([
        ["/etc/web.yml", input.toString()],
        ["/etc/cert.pem", cert],
        ["/etc/key.pem", key],
      ]);
      const config = read("/etc/web.yml", (file) => {
        const text = files.get(file);
        if (text === undefined) throw new Error(`ENOENT: no such file or directory, open '${file}'`);
        return text;
      });
      return () => {
        for (const hash of config.users.values())
          require(hash.startsWith("$2"), "a password that is no hash");
        const { intervalMs = 1 } = config.rateLimit ?? {};
        require(intervalMs > 0, `an interval of ${intervalMs} ms`);
      };
    },
    refused: requireOneLine,
  };
}

function requireOneLine({ message }: Error): void {
  require(message !== "" && !message.includes("undefined"), `the message says nothing: ${message}`);
}
