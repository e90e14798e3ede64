export type * from "./answers.ts";
export {
  type CallOptions,
  type Client,
  type GroupFilter,
  type GroupLabels,
  type GroupSort,
  groupSorts,
  type MaxOption,
  type PushOptions,
  type PushTimes,
  type Scrape,
  type ScrapeOptions,
} from "./client.ts";
export { ClientError, type ClientErrorCode } from "./client-error.ts";
export { type ClientOptions, createClient, groupPath, protobufScrape } from "./create-client.ts";
export type { Credentials } from "./credentials.ts";
export { parseGateway } from "./gateways.ts";
export { type Certificate, type Probe, type ProbeOptions, probeGateway } from "./probe.ts";
export type { TlsOptions } from "./transport.ts";
