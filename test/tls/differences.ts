import { writeFile } from "node:fs/promises";
import { expect } from "vitest";
import type { CertificateFiles } from "../redis/certificates.ts";
import { curl } from "./curl.ts";
import { shakeHands } from "./openssl.ts";

/** A running server with its web configuration file. */
interface Server {
  readonly url: string;
  readonly port: number;
  readonly file: string;
}

interface Certificates {
  readonly server: CertificateFiles;
  /** Of the authority in `ca.crt` beside the file. */
  readonly strangeClient: CertificateFiles;
}

/** Something that a Pushgateway does otherwise with the same web configuration file, shown on both. */
interface Difference {
  /** Its row in docs/compatibility.md. */
  readonly id: string;
  readonly scheme: "http" | "https";
  /** What the file says at first; `PAIR` stands for certificate and key of the server. */
  readonly text: string;
  show(server: Server, certificates: Certificates): Promise<unknown>;
  readonly upstream: unknown;
  /** `refused`: this one does not start. */
  readonly ours: unknown;
}

const users = "basic_auth_users:\n  a: $2y$04$AAAAAAAAAAAAAAAAAAAAAOZl2zqGbYFlvY2Tn2TU1pFJdbFi0QZQe\n";
/** Once the server runs: upstream's own health checks would fail. */
async function askForPasswords({ url, file }: Server): Promise<void> {
  await writeFile(file, users);
  await expect.poll(async () => (await curl(`${url}/metrics`)).status, { timeout: 10_000 }).toBe(401);
}

const healthy = async ({ url }: Server) => (await curl(`${url}/-/healthy`)).status;

export const differences: readonly Difference[] = [
  {
    id: "open-health-checks",
    scheme: "http",
    text: "{}",
    async show(server) {
      await askForPasswords(server);
      return healthy(server);
    },
    upstream: 401,
    ours: 200,
  },
  {
    id: "open-preflight",
    scheme: "http",
    text: "{}",
    async show(server) {
      await askForPasswords(server);
      const preflight = ["--request", "OPTIONS", "--header", "Origin: https://a.example"];
      const statusOf = async (path: string) => (await curl(`${server.url}${path}`, ...preflight)).status;
      return [await statusOf("/api/v1/metrics"), await statusOf("/metrics/job/a")];
    },
    upstream: [401, 401],
    ours: [200, 200],
  },
  {
    id: "web-config-last-good",
    scheme: "http",
    text: "{}",
    async show(server) {
      await writeFile(server.file, "http_server_config:\n  headers: {X-Frame-Options: deny}\n");
      const header = async () => (await curl(`${server.url}/metrics`)).headers.get("x-frame-options");
      await expect.poll(header, { timeout: 10_000 }).toBe("deny");
      await writeFile(server.file, "broken");
      const { status, headers } = await curl(`${server.url}/metrics`);
      return { status, header: headers.get("x-frame-options") };
    },
    upstream: { status: 500, header: null },
    ours: { status: 200, header: "deny" },
  },
  {
    id: "no-settings-in-vain",
    scheme: "http",
    text: "tls_server_config:\n  min_version: TLS13\n",
    show: healthy,
    upstream: 200,
    ours: "refused",
  },
  {
    id: "no-http2",
    scheme: "https",
    text: "PAIR",
    async show({ port }) {
      const { output } = await shakeHands(port, ["-alpn", "h2,http/1.1"]);
      return /^ALPN protocol: (.*)$/m.exec(output)?.[1];
    },
    upstream: "h2",
    ours: "http/1.1",
  },
  {
    id: "plain-http-to-tls",
    scheme: "https",
    text: "PAIR",
    async show({ port }) {
      const answer = await curl(`http://127.0.0.1:${port}/-/healthy`).catch(() => "closed");
      return typeof answer === "string" ? answer : answer.status;
    },
    upstream: 400,
    ours: "closed",
  },
  {
    id: "client-refused-without-alert",
    scheme: "https",
    text: "PAIR  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: ca.crt\n",
    async show({ port }, { strangeClient: { certFile, keyFile } }) {
      const options = ["-tls1_2", "-cert", certFile, "-key", keyFile];
      const { isServed, output } = await shakeHands(port, options);
      return { isServed, isAlerted: /alert (bad certificate|unknown ca)/.test(output) };
    },
    upstream: { isServed: false, isAlerted: true },
    ours: { isServed: false, isAlerted: false },
  },
];
