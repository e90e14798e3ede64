import type { Client } from "@pushfleet/client";
import { value } from "@pushfleet/config/option";
import { text } from "@pushfleet/config/values";
import { type CommandOption, type CommandOptions, described, type OptionValues } from "../command/option.ts";
import { connect } from "../connection.ts";
import type { Context } from "../context.ts";
import { UsageError } from "../usage-error.ts";

const section = "Source";

/** Where groups come from, and who asks there. */
export const sourceOptions = {
  from: described(
    value(text, "", {
      placeholder: "URL",
      help: "The Pushgateway or Pushfleet to copy from.",
    }),
    { isRequired: true, section },
  ),
  "from-user": described(
    value(text, "", { placeholder: "NAME", help: "User for basic authentication there; with a password." }),
    { section },
  ),
  "from-password-file": file("File with the password. Or PUSHFLEET_FROM_PASSWORD has the password itself."),
  "from-token-file": file("File with a bearer token. Or PUSHFLEET_FROM_TOKEN has the token itself."),
  "from-ca": file("PEM file of authorities to trust there in the place of the system's."),
  "from-cert": file("PEM file of the client's own certificate for there."),
  "from-key": file("PEM file of its key."),
} as const satisfies CommandOptions;

function file(help: string): CommandOption<string> {
  return described(value(text, "", { placeholder: "FILE", help }), { section, completes: "file" });
}

interface SourceValues extends OptionValues<typeof sourceOptions> {
  readonly timeout: number;
}

/** @throws UsageError, Failure, ClientError */
export async function connectSource(options: SourceValues, { env }: Pick<Context, "env">): Promise<Client> {
  try {
    return await connectTo(options, env);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(error.message.replaceAll("--", "--from-"), { cause: error });
  }
}

function connectTo(options: SourceValues, env: Context["env"]): Promise<Client> {
  return connect(
    {
      url: [options.from],
      user: options["from-user"],
      "password-file": options["from-password-file"],
      "token-file": options["from-token-file"],
      ca: options["from-ca"],
      cert: options["from-cert"],
      key: options["from-key"],
      timeout: options.timeout,
    },
    {
      env: {
        PUSHFLEET_PASSWORD: env["PUSHFLEET_FROM_PASSWORD"],
        PUSHFLEET_TOKEN: env["PUSHFLEET_FROM_TOKEN"],
      },
    },
  );
}
