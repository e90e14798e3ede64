import { beforeAll, describe, expect, test } from "vitest";
import { ConfigFileError } from "./config-file.ts";
import { makePair } from "./web-config.fixture.ts";
import { loadWebConfigReader, type WebConfig, type WebConfigReader } from "./web-config.ts";

const hash = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG";

let readWebConfig: WebConfigReader;
let files: Record<string, string>;
beforeAll(async () => {
  readWebConfig = await loadWebConfigReader();
  const [own, other, small] = [makePair(), makePair(), makePair("-newkey", "rsa:1024")];
  files = {
    "/etc/gw/server.crt": own.cert,
    "/etc/gw/server.key": own.key,
    "/etc/gw/other.key": other.key,
    "/etc/gw/small.crt": small.cert,
    "/etc/gw/small.key": small.key,
    "/elsewhere/ca.pem": `Two authorities:\n${own.cert}\n${other.cert}`,
    "/etc/gw/broken.pem": own.cert.replace(/^MII.{20}/m, "MIIAAAAAAAAAAAAAAAAAAAAA"),
  };
});

function parse(text: string): WebConfig {
  return readWebConfig("/etc/gw/web.yml", (file) => {
    if (file === "/etc/gw/web.yml") return text;
    const content = files[file];
    if (content === undefined) throw new Error(`ENOENT: no such file or directory, open '${file}'`);
    return content;
  });
}

function problemOf(text: string): string {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof ConfigFileError) return error.message;
    throw error;
  }
  throw new Error(`no problem with ${text}`);
}

const pair = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n";
const indented = (text: string | undefined) => (text ?? "").replaceAll(/^/gm, "    ");

test.each([
  "",
  "# nothing\n",
  "{}",
  "tls_server_config:\nbasic_auth_users:\nrate_limit:\n",
  "tls_server_config: {}",
])("%j is a file that turns on nothing", (text) => {
  expect(parse(text)).toEqual({ headers: new Map(), users: new Map() });
});

describe("tls_server_config", () => {
  test("has upstream's defaults, and files are looked for beside it", () => {
    const { tls } = parse(pair);
    expect(tls).toEqual({
      clientAuth: "NoClientCert",
      context: {
        cert: files["/etc/gw/server.crt"],
        key: files["/etc/gw/server.key"],
        minVersion: "TLSv1.2",
        maxVersion: "TLSv1.3",
        honorCipherOrder: true,
        ciphers: expect.stringMatching(/^TLS_AES_256_GCM_SHA384:.*:ECDHE-ECDSA-AES128-GCM-SHA256:/),
      },
    });
    expect(tls?.context.ciphers).not.toMatch(/SECLEVEL|:AES|DHE-RSA-AES128-SHA256/);
  });

  test("takes certificate, key and authorities as they stand", () => {
    const text =
      `tls_server_config:\n  cert: |\n${indented(files["/etc/gw/server.crt"])}\n` +
      `  key: |\n${indented(files["/etc/gw/server.key"])}\n` +
      `  client_ca: |\n${indented(files["/elsewhere/ca.pem"])}\n  client_auth_type: RequestClientCert\n`;
    const { tls } = parse(text);
    expect(tls?.context.cert).toBe(files["/etc/gw/server.crt"]);
    expect(tls?.context.ca).toHaveLength(2);
  });

  test("says everything else by Go's names", () => {
    const { tls } = parse(`${pair}  client_ca_file: /elsewhere/ca.pem
  client_auth_type: RequireClientCert
  client_allowed_sans: [one.example, "10.0.0.1"]
  min_version: TLS10
  max_version: TLS12
  cipher_suites:
    - TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA
    - TLS_AES_128_GCM_SHA256
    - TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
  prefer_server_cipher_suites: no
  curve_preferences: [CurveP521, X25519MLKEM768, CurveP256]
`);
    expect(tls).toMatchObject({
      clientAuth: "RequireAnyClientCert",
      allowedSans: new Set(["one.example", "10.0.0.1"]),
      context: {
        minVersion: "TLSv1",
        maxVersion: "TLSv1.2",
        honorCipherOrder: false,
        ecdhCurve: "P-521:X25519MLKEM768:P-256",
        ciphers: expect.stringMatching(
          /^TLS_\w+:TLS_\w+:TLS_\w+:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-CHACHA20-POLY1305:@SECLEVEL=0$/,
        ),
      },
    });
    expect(tls?.context.ca).toHaveLength(2);
  });

  test.each(["VerifyClientCertIfGiven", "RequireAndVerifyClientCert"])(
    "%s without authorities trusts those of the system",
    (type) => {
      expect(parse(`${pair}  client_auth_type: ${type}\n`).tls?.context.ca).not.toBeEmpty();
    },
  );

  test.each(["cert_file: server.crt", "key_file: server.key"])(
    "what is empty counts as left out: %s",
    (setting) => {
      const name = setting.split(":")[0];
      expect(problemOf(pair.replace(setting, `${name}: ""`))).toMatch(
        /^\/etc\/gw\/web.yml:2: tls_server_config needs (cert|key) or (cert|key)_file$/,
      );
    },
  );
});

test("headers are taken as they stand, and those without a value left out", () => {
  const { headers } = parse(`http_server_config:
  http2: false
  headers:
    X-Frame-Options: deny
    X-Content-Type-Options: nosniff
    X-XSS-Protection: 1
    Strict-Transport-Security:
    Content-Security-Policy: "default-src 'self'"
`);
  expect([...headers]).toEqual([
    ["X-Frame-Options", "deny"],
    ["X-Content-Type-Options", "nosniff"],
    ["X-XSS-Protection", "1"],
    ["Content-Security-Policy", "default-src 'self'"],
  ]);
});

test("users may have any names", () => {
  const names = ["alice", "007", "no", "__proto__", "constructor", "Zoë"];
  const text = `basic_auth_users:\n${names.map((name) => `  ${name}: ${hash}\n`).join("")}`;
  expect([...parse(text).users]).toEqual(names.map((name) => [name, hash]));
});

test.each([
  ["1s", 1_000],
  ["300ms", 300],
  ["1m30.5s", 90_500],
  ["100us", 0.1],
  ["1.5h", 5_400_000],
])("an interval of %s is %f ms", (interval, intervalMs) => {
  expect(parse(`rate_limit:\n  interval: ${interval}\n  burst: 5\n`).rateLimit).toEqual({
    intervalMs,
    burst: 5,
  });
});

test.each(["interval: 0\n  burst: 0", "interval: 0s", "burst: 5", 'interval: ""'])(
  "a rate limit of %j is none",
  (text) => {
    expect(parse(`rate_limit:\n  ${text}\n`).rateLimit).toBeUndefined();
  },
);

test.each([
  [`${pair}  cert_filse: x\n`, "4: tls_server_config.cert_filse is not a setting"],
  [`${pair}  cert: x\n`, "2: tls_server_config.cert_file and cert exclude each other"],
  ["tls_server_config:\n  min_version: TLS12\n", "2: tls_server_config needs cert or cert_file"],
  [
    `${pair}  min_version: TLS111\n`,
    "4: tls_server_config.min_version must be one of TLS10, TLS11, TLS12, TLS13",
  ],
  [
    `${pair}  min_version: TLS13\n  max_version: TLS12\n`,
    "4: tls_server_config.min_version is above max_version",
  ],
  [
    `${pair}  client_auth_type: Always\n`,
    "4: tls_server_config.client_auth_type must be one of NoClientCert, RequestClientCert, RequireAnyClientCert, RequireClientCert, ",
  ],
  [
    `${pair}  cipher_suites:\n    - TLS_AES_128_GCM_SHA256\n    - TLS_RSA_WITH_RC4_128_SHA\n`,
    "6: tls_server_config.cipher_suites[1] is none of the known suites: TLS_AES_256_GCM_SHA384, ",
  ],
  [
    `${pair}  cipher_suites: [TLS_AES_128_GCM_SHA256]\n  max_version: TLS12\n`,
    "4: tls_server_config.cipher_suites has none for the versions that are allowed",
  ],
  [
    `${pair}  curve_preferences: [CurveP257]\n`,
    "4: tls_server_config.curve_preferences[0] is none of the known curves: CurveP256, CurveP384, CurveP521, X25519, X25519MLKEM768",
  ],
  [
    `${pair}  prefer_server_cipher_suites: 2\n`,
    "4: tls_server_config.prefer_server_cipher_suites must be true or false",
  ],
  [
    `${pair}  client_ca_file: /elsewhere/ca.pem\n`,
    "4: tls_server_config.client_ca_file needs a client_auth_type",
  ],
  [
    `${pair}  client_allowed_sans: [a]\n`,
    "4: tls_server_config.client_allowed_sans needs a client_auth_type",
  ],
  [
    pair.replace("server.crt", "nowhere.crt"),
    "2: tls_server_config.cert_file cannot be read: ENOENT: no such file or directory, open '/etc/gw/nowhere.crt'",
  ],
  [pair.replace("server.key", "nowhere.key"), "3: tls_server_config.key_file cannot be read: ENOENT"],
  [pair.replace("server.crt", "server.key"), "2: tls_server_config.cert_file has no certificate in PEM form"],
  [pair.replace("server.key", "server.crt"), "3: tls_server_config.key_file has no private key in PEM form"],
  [
    pair.replace("server.key", "other.key"),
    "3: tls_server_config.key_file has another key than that of the certificate in cert_file",
  ],
  [
    pair.replaceAll("server.", "small."),
    "2: tls_server_config.cert_file and what stands beside it cannot be used: ee key too small",
  ],
  [
    `${pair}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: server.key\n`,
    "5: tls_server_config.client_ca_file has no certificate in PEM form",
  ],
  [
    `${pair}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: broken.pem\n`,
    "5: tls_server_config.client_ca_file has a certificate that cannot be read",
  ],
  [
    "http_server_config:\n  headers:\n    __proto__: foo\n",
    "3: http_server_config.headers.__proto__ is not a header that can be set; those are Content-Security-Policy, ",
  ],
  [
    "http_server_config:\n  headers:\n    Content-Type: foo\n",
    "3: http_server_config.headers.Content-Type is not a header that can be set; those are Content-Security-Policy, ",
  ],
  [
    "http_server_config:\n  headers:\n    X-Frame-Options: foo\n",
    '3: http_server_config.headers.X-Frame-Options must be "deny" or "sameorigin"',
  ],
  [
    'http_server_config:\n  headers:\n    X-XSS-Protection: "1\\n2"\n',
    "3: http_server_config.headers.X-XSS-Protection has a character that no header may have",
  ],
  ["http_server_config:\n  http2: perhaps\n", "2: http_server_config.http2 must be true or false"],
  [
    "basic_auth_users:\n  john: doe-secret\n",
    "2: basic_auth_users.john is not a bcrypt hash, as made by: htpasswd -nBC 10 USER",
  ],
  [`basic_auth_users:\n  john: ${hash}x\n`, "2: basic_auth_users.john is not a bcrypt hash"],
  [
    `basic_auth_users:\n  john: ${hash.replace("$10$", "$03$")}\n`,
    "2: basic_auth_users.john is not a bcrypt hash",
  ],
  [
    `basic_auth_users:\n  "john:secret": ${hash}\n`,
    "2: basic_auth_users.… is a name with a colon, with which nobody can log in",
  ],
  ["basic_auth_users:\n  john:\n", "2: basic_auth_users.john must be text"],
  [`basic_auth_users: [${hash}]\n`, "1: basic_auth_users must be a mapping"],
  ["rate_limit:\n  interval: 5\n", "2: rate_limit.interval must be a duration such as 300ms, 1s or 1m30s"],
  ["rate_limit:\n  interval: -1s\n", "2: rate_limit.interval must be a duration"],
  ["rate_limit:\n  interval: 1s 2s\n", "2: rate_limit.interval must be a duration"],
  ["rate_limit:\n  interval: 1s\n  burst: -1\n", "3: rate_limit.burst must be a whole number, 0 or more"],
  ["a\nb\n", "1: the file must be a mapping"],
  ["tls:\n", "1: tls is not a setting"],
  ["tls_server_config:\n  key: |\n-----BEGIN SECRET-----\nsecret\n", "3: not YAML: multiline implicit key"],
])("%j is refused with line and setting", (text, message) => {
  const problem = problemOf(text);
  expect(problem).toStartWith(`/etc/gw/web.yml:${message}`);
  expect(problem).not.toInclude("\n");
});

test("a file that is not there is named", () => {
  const missing = () =>
    readWebConfig("web.yml", () => {
      throw new Error("ENOENT: no such file");
    });
  expect(missing).toThrow(new ConfigFileError("web.yml cannot be read: ENOENT: no such file"));
});

test.each([
  "tls_server_config:\n  key: *hunter2\n",
  "tls_server_config:\n  key: |hunter2\n   x\n",
  'tls_server_config:\n  key: "\\hunter2"\n',
  "tls_server_config:\n  key: !hunter2 x\n",
  "tls_server_config:\n  key: [hunter2]\n",
  "tls_server_config: hunter2\n",
  `${pair}  client_auth_type: hunter2\n`,
  `${pair}  cipher_suites: [hunter2]\n`,
  "basic_auth_users:\n  john: hunter2\n",
  "basic_auth_users:\n  john: {hunter2: x}\n",
  "basic_auth_users: hunter2\n",
  "basic_auth_users:\n  - john: hunter2\n",
  "basic_auth_users:\n  'john:hunter2': x\n",
  "http_server_config:\n  headers: {X-Frame-Options: hunter2}\n",
  "rate_limit: {interval: hunter2}\n",
  "hunter2\n",
])("no error of %j repeats a secret, nor does its cause", (text) => {
  try {
    parse(text);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigFileError);
    const { message, cause, stack } = error as ConfigFileError;
    expect(`${message} ${stack} ${JSON.stringify(cause)}${String(cause)}`).not.toInclude("hunter2");
  }
});
