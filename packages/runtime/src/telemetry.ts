import { Counter, collectDefaultMetrics, Gauge, Registry, Summary } from "prom-client";
import type { Build } from "./build.ts";
import { type MeasuredPush, PushMeter } from "./push-meter.ts";

/** One process's own metrics. Names that Pushgateway has are kept; all others start with `pushfleet_`. */
export interface Telemetry {
  /** Counts one answered request that is no push. `handler` is the name of the route, `method` lower-case. */
  countRequest(request: { handler: string; method: string; code: number }): void;
  /** Counts and observes the pushes of one method, which is lower-case. */
  pushMeter(method: string): { observe(push: MeasuredPush): void };
  /** Registers a gauge that is read when the telemetry is. */
  gauge(name: string, help: string, read: () => number): void;
  /** A counter without labels. */
  counter(name: string, help: string): { inc(by?: number): void };
  /** The 0.1, 0.5 and 0.9 quantiles over ten minutes, and sum and count of all, without labels. */
  summary(name: string, help: string): { observe(value: number): void };
  /** Everything as text 0.0.4. */
  expose(): Promise<string>;
}

const tenMinutes = 600;

/**
 * A summary is compressed after so many observations. It is anyway when it is read or has grown too large, so prom-client's
 * default of 1,000 makes observing half as dear again, for nothing.
 */
const observationsToCompress = 10_000;

/** Own metrics start with `pushfleet_` so that a pushed `process_…` or `go_…` family never meets one of ours. */
export function createTelemetry(build: Build): Telemetry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "pushfleet_" });
  exposeBuild(registry, build);
  const requests = new Counter({
    name: "pushgateway_http_requests_total",
    help: "Total HTTP requests processed by the Pushgateway, excluding scrapes.",
    labelNames: ["code", "handler", "method"],
    registers: [registry],
  });
  const pushMeters: PushMeter[] = [];
  const windowed = {
    percentiles: [0.1, 0.5, 0.9],
    maxAgeSeconds: tenMinutes,
    ageBuckets: 2,
    compressCount: observationsToCompress,
  };
  const durations = new Summary({
    name: "pushgateway_http_push_duration_seconds",
    help: "HTTP request duration for pushes to the Pushgateway.",
    labelNames: ["method"],
    registers: [registry],
    ...windowed,
  });
  const sizes = new Summary({
    name: "pushgateway_http_push_size_bytes",
    help: "HTTP request size for pushes to the Pushgateway.",
    labelNames: ["method"],
    registers: [registry],
    ...windowed,
  });
  return {
    countRequest: ({ code, handler, method }) => requests.inc({ code: String(code), handler, method }),
    pushMeter(method) {
      const meter = new PushMeter(method, { requests, durations, sizes });
      pushMeters.push(meter);
      return meter;
    },
    gauge(name, help, read) {
      new Gauge({
        name,
        help,
        registers: [registry],
        collect() {
          this.set(read());
        },
      });
    },
    counter: (name, help) => new Counter({ name, help, registers: [registry] }),
    summary: (name, help) => new Summary({ name, help, registers: [registry], ...windowed }),
    expose() {
      for (const meter of pushMeters) meter.flush();
      return registry.metrics();
    },
  };
}

/** With upstream's labels, so that dashboards and alerts on the version keep working; `goversion` names our runtime. */
function exposeBuild(registry: Registry, build: Build): void {
  const labels = {
    ...build,
    goarch: process.arch,
    goos: process.platform,
    goversion: `node${process.versions.node}`,
  };
  new Gauge({
    name: "pushgateway_build_info",
    help: "A metric with a constant '1' value labeled by version, revision, branch, goversion from which pushgateway was built, and the goos and goarch for the build.",
    labelNames: Object.keys(labels),
    registers: [registry],
  }).set(labels, 1);
}
