import type { Freshest } from "@pushfleet/view";

/** How far what a scrape shows can be trusted: on /-/metrics of each replica, and with a shared store on /metrics too. */
export const storeUp = {
  name: "pushfleet_store_up",
  help: "Whether the store answered when it was last asked for what changed.",
};
export const viewAge = {
  name: "pushfleet_view_age_seconds",
  help: "Seconds since the moment at which this state was the store's.",
};

/** The same on every replica as long as what they show is fresh. */
export function freshnessText({ isFresh, ageMs }: Pick<Freshest, "isFresh" | "ageMs">): string {
  return gaugeText(storeUp, isFresh ? 1 : 0) + gaugeText(viewAge, ageMs / 1000);
}

function gaugeText({ name, help }: typeof storeUp, value: number): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${name} ${value}\n`;
}
