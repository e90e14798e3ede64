import type { ChangesAnswer, Refusal } from "@pushfleet/federation";
import type { Telemetry } from "@pushfleet/runtime";

/** Counts what other regions bring. */
export interface FederationCounts {
  count(outcomes: ChangesAnswer["outcomes"]): void;
}

const reasons: readonly Refusal["reason"][] = ["ahead", "invalid"];

export function countFederation(telemetry: Telemetry): FederationCounts {
  const received = telemetry.counter(
    "pushfleet_federation_received_total",
    "States of groups that other regions brought and that were taken, new or not.",
  );
  const refused = telemetry.counters(
    "pushfleet_federation_refused_total",
    "States of groups that other regions brought and that were refused: too far ahead of the clock, or such as no honest region sends.",
    { name: "reason", values: reasons },
  );
  return {
    count({ merged, refused: refusals }) {
      received.inc(merged);
      for (const { reason } of refusals) refused.inc(reason);
    },
  };
}
