import { dirname, resolve } from "node:path";
import * as z from "zod";
import { ConfigFileError } from "./config-file.ts";
import type { WebConfig, WebConfigReader } from "./web-config.ts";
import { readCertificates } from "./web-config-certificates.ts";
import { tlsSettings } from "./web-config-tls.ts";
import { goDuration, headers, optional, truth, users, wholeNumber } from "./web-config-values.ts";
import { readYaml, type YamlFormat } from "./yaml-file.ts";

/** See `loadWebConfigReader`, which loads this module and with it two libraries only when there is a file to read. */
export function createWebConfigReader(): WebConfigReader {
  const schema = mapping();
  // Texts, because names such as `no` and `007` are to be what stands there.
  const format: YamlFormat<z.output<typeof schema>> = { schema, scalars: "text", values: "hidden" };
  return (file, readFile): WebConfig => {
    const { content, problem } = readYaml(textOf(file, readFile), file, format);
    const { tls_server_config: tls, http_server_config: http, basic_auth_users, rate_limit } = content;
    const surroundings = {
      readFile: (name: string) => readFile(resolve(dirname(file), name)),
      problem: (setting: string, what: string, cause?: unknown) =>
        problem(["tls_server_config", setting], what, cause),
    };
    return {
      ...(tls ? { tls: readCertificates(tls, surroundings) } : {}),
      headers: http?.headers ?? new Map(),
      users: basic_auth_users ?? new Map(),
      ...(rate_limit?.interval
        ? { rateLimit: { intervalMs: rate_limit.interval, burst: rate_limit.burst ?? 0 } }
        : {}),
    };
  };
}

function mapping() {
  return z.strictObject({
    tls_server_config: tlsSettings().nullish(),
    http_server_config: z
      .strictObject({
        // Without effect: HTTP/2 is not offered.
        http2: optional(truth()),
        headers: headers().nullish(),
      })
      .nullish(),
    basic_auth_users: users().nullish(),
    rate_limit: z
      .strictObject({ interval: optional(goDuration()), burst: optional(wholeNumber()) })
      .nullish(),
  });
}

function textOf(file: string, readFile: (file: string) => string): string {
  try {
    return readFile(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigFileError(`${file} cannot be read: ${reason}`, { cause });
  }
}
