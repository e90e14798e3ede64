import { readFile } from "node:fs/promises";
import type { Client, Credentials, TlsOptions } from "@pushfleet/client";
import { flag, list, value } from "@pushfleet/config/option";
import { formatDuration, text } from "@pushfleet/config/values";
import { durationUpTo } from "./command/bounded.ts";
import { type CommandOption, type CommandOptions, described, type OptionValues } from "./command/option.ts";
import type { Context } from "./context.ts";
import { Failure } from "./failure.ts";
import { UsageError } from "./usage-error.ts";

const section = "Connection";

/** Who waits for longer has made a mistake; a timer takes no more than 24 days. */
const longestTimeoutMs = 86_400_000;

/** Where the gateways are and who asks: the same for all commands. */
export const connectionOptions = {
  url: described(
    list(text, ["http://localhost:9091"], {
      placeholder: "URL",
      help: "A gateway. With several, which have to share a store or be of regions that exchange what they have, the first that answers is taken.",
    }),
    { variable: "PUSHFLEET_URL", section },
  ),
  user: described(
    value(text, "", { placeholder: "NAME", help: "User for basic authentication; with a password." }),
    { variable: "PUSHFLEET_USER", section },
  ),
  "password-file": file("File with the password. Or PUSHFLEET_PASSWORD has the password itself.", "PASSWORD"),
  "token-file": file("File with a bearer token. Or PUSHFLEET_TOKEN has the token itself.", "TOKEN"),
  ca: file("PEM file of authorities to trust in the place of the system's.", "CA"),
  cert: file("PEM file of the client's own certificate.", "CERT"),
  key: file("PEM file of its key.", "KEY"),
  timeout: described(
    value(durationUpTo(longestTimeoutMs), 10_000, {
      placeholder: "DURATION",
      format: formatDuration,
      help: "How long to try, all gateways and repetitions together.",
    }),
    { variable: "PUSHFLEET_TIMEOUT", section },
  ),
} as const satisfies CommandOptions;

/** For commands that print something to look at. */
export const outputOptions = {
  json: flag(false, { help: "Print JSON, for programs." }),
  color: flag(true, { help: "No colours; there are some only on a terminal, and not with NO_COLOR." }),
} as const satisfies CommandOptions;

function file(help: string, variable: string): CommandOption<string> {
  const isSecret = variable === "PASSWORD" || variable === "TOKEN";
  return described(value(text, "", { placeholder: "FILE", help }), {
    variable: `PUSHFLEET_${variable}${isSecret ? "_FILE" : ""}`,
    section,
    completes: "file",
  });
}

type ConnectionValues = OptionValues<typeof connectionOptions>;

/** A client as the options and the environment have it; its calls may take `--timeout`. @throws UsageError, Failure, ClientError */
export async function connect(options: ConnectionValues, { env }: Pick<Context, "env">): Promise<Client> {
  const [{ createClient }, credentials, tls] = await Promise.all([
    import("@pushfleet/client"),
    readCredentials(options, env),
    readTls(options),
  ]);
  return createClient({ urls: options.url, timeoutMs: options.timeout, credentials, tls });
}

export async function readCredentials(
  { user, "password-file": passwordFile, "token-file": tokenFile }: ConnectionValues,
  env: Context["env"],
): Promise<Credentials | undefined> {
  const token = await secret(tokenFile, env["PUSHFLEET_TOKEN"], "--token-file");
  if (token !== undefined) {
    if (user !== "") throw new UsageError("--user and a token exclude each other");
    return { kind: "bearer", token };
  }
  if (user === "") return undefined;
  const password = await secret(passwordFile, env["PUSHFLEET_PASSWORD"], "--password-file");
  if (password === undefined) throw new UsageError("--user needs --password-file");
  return { kind: "basic", user, password };
}

/** Without the line feed that editors leave at the end. */
async function secret(path: string, direct: string | undefined, option: string): Promise<string | undefined> {
  if (path === "") return direct === "" ? undefined : direct;
  const content = (await readOptionFile(path, option)).toString();
  return content.replace(/\r?\n$/, "");
}

export async function readTls({ ca, cert, key }: ConnectionValues): Promise<TlsOptions> {
  if ((cert === "") !== (key === "")) throw new UsageError("--cert and --key need each other");
  return {
    ...(ca === "" ? {} : { ca: await readOptionFile(ca, "--ca") }),
    ...(cert === "" ? {} : { cert: await readOptionFile(cert, "--cert") }),
    ...(key === "" ? {} : { key: await readOptionFile(key, "--key") }),
  };
}

async function readOptionFile(path: string, option: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new Failure(`${option}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
