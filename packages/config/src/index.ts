export { configurationDocument, helpText, settingTexts } from "./describe.ts";
export { type GatewayConfig, gatewayOptions } from "./options.ts";
export { type Invocation, readOptions, UsageError } from "./read.ts";
export { formatListenAddress, type ListenAddress } from "./values.ts";
