export { type Freshest, type FreshestOptions, freshest } from "./freshest.ts";
export type { RenderRequest } from "./listing.ts";
export { pushTimes } from "./push-times.ts";
export { Snapshot } from "./snapshot.ts";
export { type LastSnapshot, View, type ViewOptions } from "./view.ts";
export { ViewWarmer, type WarmerOptions } from "./warmer.ts";
