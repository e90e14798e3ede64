import { readFile } from "node:fs/promises";
import type {
  IPodMonitor,
  IServiceMonitor,
} from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import { expect, test } from "vitest";
import { type Labels, targetsOf } from "../prometheus/promtool.ts";
import { find, kubernetes, type Manifest, manifestsIn } from "./manifests.ts";

// What Prometheus makes of the targets that the Prometheus Operator has it discover, for any namespace.

test("the ServiceMonitor makes one target of all pods: the Service", async () => {
  const { spec } = await monitor<IServiceMonitor & Manifest>("service-monitor.yaml", "ServiceMonitor");
  const [endpoint] = spec?.endpoints ?? [];
  expect(endpoint).toMatchObject({ port: "http", path: "/metrics", honorLabels: true });
  const pods = ["a", "b", "c"].map((name, index) => ({
    __address__: `10.0.0.${index}:9091`,
    __meta_kubernetes_namespace: "pushfleet",
    __meta_kubernetes_service_name: "pushfleet",
    // What the Operator adds before these rules.
    namespace: "pushfleet",
    service: "pushfleet",
    pod: `gateway-${name}`,
    container: "gateway",
    endpoint: "http",
  }));
  const targets = await targetsOf(
    { job_name: "operator", relabel_configs: rules(endpoint?.relabelings) },
    pods,
  );
  expect(targets.map(own)).toEqual([
    {
      __address__: "pushfleet.pushfleet.svc:9091",
      instance: "pushfleet.pushfleet.svc:9091",
      job: "pushfleet",
      namespace: "pushfleet",
      service: "pushfleet",
    },
  ]);
});

test("the PodMonitor makes a target of each pod, under the job that rules and dashboards ask for", async () => {
  const { spec } = await monitor<IPodMonitor & Manifest>("pod-monitor.yaml", "PodMonitor");
  const [endpoint] = spec?.podMetricsEndpoints ?? [];
  expect(endpoint).toMatchObject({ port: "http", path: "/-/metrics" });
  const pods = ["gateway", "reaper", "federator"].map((component, index) => ({
    __address__: `10.0.0.${index}:909${index + 1}`,
    __meta_kubernetes_pod_label_app_kubernetes_io_component: component,
    __meta_kubernetes_pod_name: `pushfleet-${component}-x`,
  }));
  const targets = await targetsOf(
    { job_name: "operator", relabel_configs: rules(endpoint?.relabelings) },
    pods,
  );
  expect(targets.map(({ job, instance }) => [job, instance])).toEqual([
    ["pushfleet-gateway", "pushfleet-gateway-x"],
    ["pushfleet-reaper", "pushfleet-reaper-x"],
    ["pushfleet-federator", "pushfleet-federator-x"],
  ]);
});

async function monitor<M extends Manifest>(file: string, kind: M["kind"]): Promise<M> {
  return find<M>(manifestsIn(await readFile(`${kubernetes}monitoring/${file}`, "utf8")), kind, "pushfleet");
}

/** The Operator writes Prometheus' names in another case. */
function rules(relabelings: readonly object[] = []): object[] {
  const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return relabelings.map((rule) =>
    Object.fromEntries(Object.entries(rule).map(([name, value]) => [snake(name), value])),
  );
}

/** Without what Prometheus adds to every target. */
function own(target: Labels): Labels {
  const names = Object.keys(target).filter((name) => !/^__(metrics_path|scheme|scrape_.*)__$/.test(name));
  return Object.fromEntries(names.map((name) => [name, target[name] ?? ""]));
}
