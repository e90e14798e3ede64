import type { Logger, Telemetry } from "@pushfleet/runtime";
import { Connections } from "./connections.ts";

/** Connections that show in telemetry and, where they are too many, in the log. */
export function countedConnections(
  most: number,
  { telemetry, log }: { readonly telemetry: Telemetry; readonly log: Logger },
): Connections {
  const dropped = telemetry.counter(
    "pushfleet_connections_dropped_total",
    "Connections that were closed because there were as many as --web.max-connections allows.",
  );
  let toldAt = Number.NEGATIVE_INFINITY;
  const connections = new Connections({
    most,
    onDropped() {
      dropped.inc();
      if (performance.now() - toldAt < dropsToldMs) return;
      toldAt = performance.now();
      log.warn(
        { connections: most },
        "closing connections: there are as many as --web.max-connections allows",
      );
    },
  });
  telemetry.gauge("pushfleet_connections", "Open connections.", () => connections.count);
  telemetry.gauge("pushfleet_max_connections", "What --web.max-connections allows.", () => most);
  return connections;
}

/** Milliseconds between two log lines about it. */
const dropsToldMs = 60_000;
