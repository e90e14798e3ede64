import { readdirSync, statSync } from "node:fs";
import { Counter, collectDefaultMetrics, Gauge, Registry, Summary } from "prom-client";
import type { Build } from "./build.ts";

/** One process's own metrics. Names that Pushgateway has are kept; all others start with `pushfleet_`. */
export interface Telemetry {
  /** Registers a gauge that is read when the telemetry is. */
  gauge(name: string, help: string, read: () => number): void;
  /** Registers a gauge for each value of a label, all read when the telemetry is. */
  gauges<V extends string>(
    name: string,
    help: string,
    label: { readonly name: string; readonly values: readonly V[]; readonly read: (value: V) => number },
  ): void;
  /** A counter without labels. */
  counter(name: string, help: string): { inc(by?: number): void };
  /** A counter for each value of a label, all there from the start. */
  counters<V extends string>(
    name: string,
    help: string,
    label: { readonly name: string; readonly values: readonly V[] },
  ): { inc(value: V, by?: number): void };
  /** A gauge for each value of a label; none ever changes. */
  constants(
    name: string,
    help: string,
    label: { readonly name: string; readonly values: Readonly<Record<string, number>> },
  ): void;
  /** The 0.1, 0.5 and 0.9 quantiles over ten minutes, and sum and count of all, without labels. */
  summary(name: string, help: string): { observe(value: number): void };
  /** Everything as text 0.0.4. */
  expose(): Promise<string>;
}

/** With what every program tells of itself: its build and its process. */
export function createTelemetry(build: Build): Telemetry {
  return telemetryOn(createRegistry(build));
}

const tenMinutes = 600;

/**
 * A summary is compressed after so many observations. It is anyway when it is read or has grown too large, so prom-client's
 * default of 1,000 makes observing half as dear again, for nothing.
 */
const observationsToCompress = 10_000;

export const windowed = {
  percentiles: [0.1, 0.5, 0.9],
  maxAgeSeconds: tenMinutes,
  ageBuckets: 2,
  compressCount: observationsToCompress,
};

/** Own metrics start with `pushfleet_` so that a pushed `process_…` or `go_…` family never meets one of ours. */
export function createRegistry(build: Build): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "pushfleet_" });
  for (const name of perHandle) registry.removeSingleMetric(`pushfleet_${name}`);
  countDescriptors(registry);
  exposeBuild(registry, build);
  return registry;
}

/**
 * Metrics of prom-client that list every connection, file and timer there is each time they are read: with 5,000
 * connections a scrape took 20 ms for them, in which nothing else could be done.
 */
const perHandle = ["active_resources", "active_handles", "active_requests"]
  .flatMap((name) => [`nodejs_${name}`, `nodejs_${name}_total`])
  .concat("process_open_fds");

/** Linux 6.2 and later say how many there are without listing them. */
function countDescriptors(registry: Registry): void {
  if (process.platform !== "linux") return;
  const folder = "/proc/self/fd";
  new Gauge({
    name: "pushfleet_process_open_fds",
    help: "Number of open file descriptors.",
    registers: [registry],
    collect() {
      // Listing opens one more.
      this.set(statSync(folder).size || readdirSync(folder).length - 1);
    },
  });
}

export function telemetryOn(registry: Registry): Telemetry {
  return {
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
    gauges(name, help, label) {
      new Gauge({
        name,
        help,
        labelNames: [label.name],
        registers: [registry],
        collect() {
          for (const value of label.values) this.set({ [label.name]: value }, label.read(value));
        },
      });
    },
    counter: (name, help) => new Counter({ name, help, registers: [registry] }),
    counters(name, help, label) {
      const counter = new Counter({ name, help, labelNames: [label.name], registers: [registry] });
      for (const value of label.values) counter.inc({ [label.name]: value }, 0);
      return { inc: (value, by = 1) => counter.inc({ [label.name]: value }, by) };
    },
    constants(name, help, label) {
      const gauge = new Gauge({ name, help, labelNames: [label.name], registers: [registry] });
      for (const [value, number] of Object.entries(label.values)) gauge.set({ [label.name]: value }, number);
    },
    summary: (name, help) => new Summary({ name, help, registers: [registry], ...windowed }),
    expose: () => registry.metrics(),
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
