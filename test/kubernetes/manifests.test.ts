import { readdir, readFile } from "node:fs/promises";
import { federatorOptions, gatewayOptions, readOptions, reaperOptions } from "@pushfleet/config";
import type { IDeployment } from "kubernetes-models/apps/v1";
import type { ICronJob } from "kubernetes-models/batch/v1";
import type { IConfigMap, IPodSpec, IService } from "kubernetes-models/v1";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { ops } from "../prometheus/promtool.ts";
import { find, kubernetes, type Manifest, manifestsIn, manifestsOf, whyNoKustomize } from "./manifests.ts";
import { schemaProblems } from "./schema.ts";

const missing = whyNoKustomize();
if (missing !== undefined) process.stderr.write(`test/kubernetes/manifests is skipped: ${missing}\n`);

describe.skipIf(missing !== undefined)("ops/kubernetes", () => {
  let production: readonly Manifest[];
  let embedded: readonly Manifest[];
  let region: readonly Manifest[];
  let all: readonly Manifest[];
  beforeAll(async () => {
    production = await manifestsOf("overlays/production");
    embedded = await manifestsOf("overlays/embedded");
    region = await manifestsOf("overlays/region");
    all = [...production, ...embedded, ...region, ...(await cronJobs())];
  });

  test("every object is one of Kubernetes' API, with no field that it does not have", async () => {
    expect(all.length).toBeGreaterThan(15);
    expect(await schemaProblems(all)).toBe("");
  });

  test("a misspelt field, a missing one and a wrong value would be found", async () => {
    const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "wrong" } };
    const template = { spec: { containers: [{ name: 7 }] } };
    const wrong = [{ selector: {}, template: {}, replica: 3 }, { template: {} }, { selector: {}, template }];
    const problems = await schemaProblems(wrong.map((spec) => ({ ...deployment, spec })));
    expect(problems).toMatch(/'"replica"' does not exist/);
    expect(problems).toMatch(/Property '"selector"' is missing/);
    expect(problems).toMatch(/'number' is not assignable to type 'string'/);
  });

  test("no pod has rights that it does not need", () => {
    const pods = all.flatMap((manifest) => podOf(manifest) ?? []);
    expect(pods.length).toBe(8);
    for (const { securityContext, automountServiceAccountToken, containers } of pods) {
      expect(automountServiceAccountToken).toBeFalse();
      expect(securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
      });
      for (const container of containers) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
        expect(container.resources?.limits?.["memory"]).toBeDefined();
      }
    }
  });

  test("what selects pods selects some, and ports and volumes that are named are there", () => {
    for (const overlay of [production, embedded, region]) {
      const pods = overlay.flatMap((manifest) =>
        manifest.kind === "Deployment" ? templateOf(manifest) : [],
      );
      for (const selector of overlay.flatMap(podSelectorOf)) {
        const selected = pods.filter(({ labels }) => matches(labels, selector));
        expect(selected.length, JSON.stringify(selector)).toBe(1);
      }
      for (const { spec } of pods) {
        const [container] = spec.containers;
        expect(container?.ports?.map(({ name }) => name)).toEqual(["http"]);
        const volumes = (spec.volumes ?? []).map(({ name }) => name);
        expect((container?.volumeMounts ?? []).map(({ name }) => name)).toIncludeSameMembers(volumes);
        for (const { configMap } of spec.volumes ?? [])
          if (configMap !== undefined) find(overlay, "ConfigMap", configMap.name ?? "");
        for (const { configMapRef } of container?.envFrom ?? [])
          if (configMapRef !== undefined) find(overlay, "ConfigMap", configMapRef.name ?? "");
      }
    }
    const { spec } = find<IService & Manifest>(production, "Service", "pushfleet");
    expect(spec?.ports).toEqual([{ name: "http", port: 9091, targetPort: "http" }]);
  });

  test("gateways and reapers know their arguments, and gateways have the time to stop that these take", () => {
    for (const overlay of [production, embedded]) {
      const spec = podOf(find<IDeployment & Manifest>(overlay, "Deployment", "pushfleet-gateway"));
      const [program, ...args] = spec?.containers[0]?.args ?? [];
      expect(program).toBe("apps/gateway/src/main.ts");
      const { config } = readOptions(gatewayOptions, args, {});
      const stopMs = config["web.drain-time"] + config["push.timeout"] + 5_000;
      expect(spec?.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(stopMs / 1000);
    }
    const reaper = podOf(find<IDeployment & Manifest>(production, "Deployment", "pushfleet-reaper"));
    const [program, ...args] = reaper?.containers[0]?.args ?? [];
    expect(program).toBe("apps/reaper/src/main.ts");
    expect(() => readOptions(reaperOptions, args, {})).not.toThrow();
  });

  test("gateways and federators of a region are told which one it is, and federators where the others are", () => {
    const federator = podOf(find<IDeployment & Manifest>(region, "Deployment", "pushfleet-federator"));
    const gateway = podOf(find<IDeployment & Manifest>(region, "Deployment", "pushfleet-gateway"));
    const [program, ...args] = federator?.containers[0]?.args ?? [];
    expect(program).toBe("apps/federator/src/main.ts");
    expect(readOptions(federatorOptions, args, variablesOf(federator)).config).toMatchObject({
      "federation.region": "east",
      "federation.peers": [{ id: "west", url: "https://pushfleet.west.example.com" }],
      "federation.token-file": "/etc/pushfleet/federation/token",
    });
    const { config } = readOptions(gatewayOptions, [], variablesOf(gateway));
    expect(config["federation.region"]).toBe("east");

    function variablesOf(spec: IPodSpec | undefined): Readonly<Record<string, string>> {
      const maps = (spec?.containers[0]?.envFrom ?? []).flatMap(
        ({ configMapRef }) => configMapRef?.name ?? [],
      );
      expect(maps).toHaveLength(1);
      return find<IConfigMap & Manifest>(region, "ConfigMap", maps[0] ?? "").data ?? {};
    }
  });

  test("a gateway is killed when it hangs and not when Redis is away", () => {
    for (const name of ["pushfleet-gateway", "pushfleet-reaper", "pushfleet-federator"]) {
      const [container] = podOf(find<IDeployment & Manifest>(region, "Deployment", name))?.containers ?? [];
      expect(container?.livenessProbe?.httpGet).toEqual({ path: "/-/healthy", port: "http" });
      expect(container?.readinessProbe?.httpGet).toEqual({ path: "/-/ready", port: "http" });
    }
  });

  test("the rules are those of ops/prometheus", async () => {
    for (const [name, file] of [
      ["pushfleet", "rules.yml"],
      ["pushfleet-batch-jobs", "batch-jobs.yml"],
    ] as const) {
      const rule = find<Manifest & { readonly spec?: object }>(production, "PrometheusRule", name);
      expect(rule.spec).toEqual(parse(await readFile(`${ops}prometheus/${file}`, "utf8")));
    }
  });

  test("the gateways' file of rules can be used", () => {
    const config = production.find(({ kind }) => kind === "ConfigMap") as IConfigMap | undefined;
    expect(parse(config?.data?.["pushfleet.yml"] ?? "")).toMatchObject({ ttl: { rules: [{ ttl: "3d" }] } });
  });
});

async function cronJobs(): Promise<Manifest[]> {
  const folder = `${kubernetes}cronjobs/`;
  const texts = (await readdir(folder)).map((file) => readFile(folder + file, "utf8"));
  return (await Promise.all(texts)).flatMap(manifestsIn);
}

/** The pod that a Deployment or CronJob makes; undefined for all else. */
function podOf(manifest: Manifest): IPodSpec | undefined {
  // The schema was checked above.
  if (manifest.kind === "CronJob") return (manifest as ICronJob).spec?.jobTemplate.spec?.template.spec;
  return manifest.kind === "Deployment" ? templateOf(manifest).spec : undefined;
}

function templateOf(deployment: Manifest): { readonly labels: Labels; readonly spec: IPodSpec } {
  // As above.
  const { template } = (deployment as IDeployment).spec ?? {};
  if (template?.spec === undefined) throw new Error(`${deployment.metadata.name} makes no pods`);
  return { labels: template.metadata?.labels ?? {}, spec: template.spec };
}

type Labels = Readonly<Record<string, string>>;

/** Which pods a Service, Deployment, PodDisruptionBudget or NetworkPolicy is about. */
function podSelectorOf(manifest: Manifest): Labels[] {
  const { spec } = manifest as { spec?: { selector?: unknown; podSelector?: unknown } };
  const selector = (spec?.podSelector ?? spec?.selector) as { matchLabels?: Labels } & Labels;
  const kinds = ["Service", "Deployment", "PodDisruptionBudget", "NetworkPolicy"];
  return kinds.includes(manifest.kind) ? [selector.matchLabels ?? selector] : [];
}

function matches(labels: Labels, selector: Labels): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}
