import * as z from "zod";
import { accessRules } from "./access-rules.ts";
import type { ConfigFileParser } from "./config-file.ts";
import { peerRules } from "./federation-document.ts";
import { limitRules } from "./limit-rules.ts";
import { ttlRules } from "./ttl-rules.ts";
import { readYaml, type YamlFormat } from "./yaml-file.ts";

/** See `loadConfigFileParser`, which loads this module and with it two libraries only when there is a file to read. */
export function createConfigFileParser<M>(parseMatchers: (text: string) => M): ConfigFileParser<M> {
  const schema = z.strictObject({
    access: accessRules(parseMatchers)
      .nullish()
      .transform((rules) => rules ?? null),
    federation: z
      .strictObject({ peers: peerRules().nullish() })
      .nullish()
      .transform((federation) => ({ peers: federation?.peers ?? [] })),
    limits: z
      .strictObject({ rules: limitRules(parseMatchers).nullish() })
      .nullish()
      .transform((limits) => ({ rules: limits?.rules ?? [] })),
    ttl: z
      .strictObject({ rules: ttlRules(parseMatchers).nullish() })
      .nullish()
      .transform((ttl) => ({ rules: ttl?.rules ?? [] })),
  });
  const format: YamlFormat<z.output<typeof schema>> = { schema, scalars: "typed", values: "shown" };
  return (text, file) => readYaml(text, file, format).content;
}
