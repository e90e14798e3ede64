import { Counter, Summary } from "prom-client";
import type { Build } from "./build.ts";
import { type MeasuredPush, PushMeter } from "./push-meter.ts";
import { createRegistry, type Telemetry, telemetryOn, windowed } from "./telemetry.ts";

/** The metrics of a process that takes pushes, which Pushgateway has too. */
export interface HttpTelemetry extends Telemetry {
  /** Counts one answered request that is no push. `handler` is the name of the route, `method` lower-case. */
  countRequest(request: { handler: string; method: string; code: number }): void;
  /** Counts and observes the pushes of one method, which is lower-case. */
  pushMeter(method: string): { observe(push: MeasuredPush): void };
}

export function createHttpTelemetry(build: Build): HttpTelemetry {
  const registry = createRegistry(build);
  const pushMeters: PushMeter[] = [];
  const common = {
    registers: [registry],
    // Whichever of them is read first.
    collect: () => {
      for (const meter of pushMeters) meter.flush();
    },
  };
  const requests = new Counter({
    name: "pushgateway_http_requests_total",
    help: "Total HTTP requests processed by the Pushgateway, excluding scrapes.",
    labelNames: ["code", "handler", "method"],
    ...common,
  });
  const durations = new Summary({
    name: "pushgateway_http_push_duration_seconds",
    help: "HTTP request duration for pushes to the Pushgateway.",
    labelNames: ["method"],
    ...common,
    ...windowed,
  });
  const sizes = new Summary({
    name: "pushgateway_http_push_size_bytes",
    help: "HTTP request size for pushes to the Pushgateway.",
    labelNames: ["method"],
    ...common,
    ...windowed,
  });
  return {
    ...telemetryOn(registry),
    countRequest: ({ code, handler, method }) => requests.inc({ code: String(code), handler, method }),
    pushMeter(method) {
      const meter = new PushMeter(method, { requests, durations, sizes });
      pushMeters.push(meter);
      return meter;
    },
  };
}
