export {
  type AccessRules,
  anyone,
  type Grant,
  type IdentityRules,
  type Role,
  roles,
  type SubjectPattern,
} from "./access-rules.ts";
export {
  ConfigFileError,
  type ConfigFileParser,
  type FileConfig,
  loadConfigFileParser,
} from "./config-file.ts";
export { configurationDocument, helpText, settingTexts } from "./describe.ts";
export type { PeerRule } from "./federation-document.ts";
export { type FederationSettings, federationSettings } from "./federation-settings.ts";
export { type FederatorConfig, federatorOptions } from "./federator-options.ts";
export { type LimitSettings, limitOptions } from "./limit-options.ts";
export type { LimitRule } from "./limit-rules.ts";
export { InvalidValue } from "./option.ts";
export { type GatewayConfig, gatewayOptions } from "./options.ts";
export { type Invocation, readOptions, UsageError } from "./read.ts";
export { type ReaperConfig, reaperOptions } from "./reaper-options.ts";
export { redisOptions } from "./redis-options.ts";
export { type RedisSettings, redisSettings } from "./redis-settings.ts";
export type { TtlRule } from "./ttl-rules.ts";
export { duration, formatListenAddress, type ListenAddress } from "./values.ts";
export {
  type ClientAuth,
  loadWebConfigReader,
  type WebConfig,
  type WebConfigReader,
  type WebRateLimit,
  type WebTls,
} from "./web-config.ts";
