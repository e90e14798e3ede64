import type { SecureContextOptions } from "node:tls";

/** What `--web.config.file` says: the format of Prometheus' exporter-toolkit, with every file that it names read. */
export interface WebConfig {
  /** Absent: plain HTTP. */
  readonly tls?: WebTls;
  /** Go on every answer. */
  readonly headers: ReadonlyMap<string, string>;
  /** The bcrypt hashes of passwords by user. Empty: nobody is asked for one. */
  readonly users: ReadonlyMap<string, string>;
  /** Absent: no limit. */
  readonly rateLimit?: WebRateLimit;
}

export interface WebTls {
  /** Certificate, key, authorities, versions, cipher suites and curves; known to be usable. */
  readonly context: SecureContextOptions;
  readonly clientAuth: ClientAuth;
  /** Names of which a client's certificate must have one. Absent: any certificate does. */
  readonly allowedSans?: ReadonlySet<string>;
}

/** What is asked of clients, by its name in Go: `RequireClientCert` is the older name of `RequireAnyClientCert`. */
export type ClientAuth =
  | "NoClientCert"
  | "RequestClientCert"
  | "RequireAnyClientCert"
  | "VerifyClientCertIfGiven"
  | "RequireAndVerifyClientCert";

/** A bucket for all requests together. */
export interface WebRateLimit {
  /** Milliseconds until the bucket has one request more; above 0. */
  readonly intervalMs: number;
  /** What the bucket holds at most. */
  readonly burst: number;
}

/**
 * Reads the file and those it names, by `readFile`, which throws what `readFileSync` does. Throws ConfigFileError for the
 * first thing that is wrong. No message repeats what a file says beyond the names of settings and files.
 */
export type WebConfigReader = (file: string, readFile: (file: string) => string) => WebConfig;

/** Loads what it takes to read web configuration files, which a gateway without one can do without. */
export async function loadWebConfigReader(): Promise<WebConfigReader> {
  const { createWebConfigReader } = await import("./web-config-document.ts");
  return createWebConfigReader();
}
