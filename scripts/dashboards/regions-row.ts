import type { Row } from "./dashboard.ts";
import { query, redIfAny } from "./panel.ts";

const federator = 'job="pushfleet-federator"';
const gateway = 'job=~"pushfleet|pushfleet-gateway"';

/** What federators tell of the regions they ship to; empty without regions. */
export const regionsRow: Row = {
  title: "Regions (federators)",
  height: 8,
  panels: [
    {
      title: "Lag",
      description:
        "How long ago what a region still lacks was pushed here: what would be lost with this region.",
      kind: "timeseries",
      unit: "s",
      queries: [query(`max by (peer) (pushfleet_federator_lag_seconds{${federator}})`, "{{peer}}")],
    },
    {
      title: "Link up",
      description: "1 while a region takes what is sent, 0 while it does not or nobody sends.",
      kind: "timeseries",
      unit: "short",
      max: 1,
      queries: [query(`max by (peer) (pushfleet_federator_link_up{${federator}})`, "{{peer}}")],
    },
    {
      title: "Groups shipped and received",
      description: "A group that is pushed many times in a moment is sent once.",
      kind: "timeseries",
      unit: "cps",
      queries: [
        query(
          `sum by (peer) (rate(pushfleet_federator_shipped_groups_total{${federator}}[$__rate_interval]))`,
          "to {{peer}}",
        ),
        query(`sum(rate(pushfleet_federation_received_total{${gateway}}[$__rate_interval]))`, "received"),
      ],
    },
    {
      title: "Groups repaired",
      description:
        "Found missing by a comparison. More than a few, or ever again: shipping misses something.",
      kind: "timeseries",
      unit: "short",
      queries: [
        query(`sum by (peer) (pushfleet_federator_repaired_groups_total{${federator}})`, "with {{peer}}"),
      ],
    },
    {
      title: "Groups refused",
      description:
        "That another region did not take from here, and that gateways here did not take from others.",
      kind: "timeseries",
      unit: "short",
      queries: [
        query(`sum by (peer) (pushfleet_federator_refused_groups_total{${federator}})`, "by {{peer}}"),
        query(`sum by (reason) (pushfleet_federation_refused_total{${gateway}})`, "here: {{reason}}"),
      ],
    },
    {
      title: "Hidden families",
      description: "Pushed in two regions and not fit to be in one scrape: the older one shows.",
      kind: "stat",
      unit: "short",
      queries: [query(`max(pushfleet_hidden_families{${gateway}})`)],
      thresholds: redIfAny,
    },
  ],
};
