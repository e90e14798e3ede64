import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { IDeployment } from "kubernetes-models/apps/v1";
import type { ICronJob } from "kubernetes-models/batch/v1";
import { expect, test } from "vitest";
import { find, type Manifest, manifestsIn } from "../kubernetes/manifests.ts";
import { schemaProblems } from "../kubernetes/schema.ts";
import { startGateway } from "../support/gateway.ts";
import { createWorkplace, scrape } from "./workplace.ts";

const files = {
  deployments: [
    "how-to-implement/pushgateway-deployment.yaml",
    "how-to-configure/pushgateway-deployment.yaml",
  ],
  cronJob: "how-to-configure/cronjob-with-metrics.yaml",
};

test("every object of the articles is one of Kubernetes' API", { timeout: 60_000 }, async () => {
  const manifests = await Promise.all([...files.deployments, files.cronJob].map(manifestsOf));
  expect(manifests.flat().map(({ kind }) => kind)).toEqual([
    ...["Deployment", "Service", "PersistentVolumeClaim"],
    ...["Deployment", "Service"],
    "CronJob",
  ]);
  expect(await schemaProblems(manifests.flat())).toBe("");
});

test.each(files.deployments)(
  "%s: its container's arguments start a gateway that is healthy and keeps pushes",
  async (file) => {
    const deployment = find<IDeployment & Manifest>(await manifestsOf(file), "Deployment", "pushgateway");
    const [container] = deployment.spec?.template.spec?.containers ?? [];
    await using workplace = await createWorkplace({ gatewayUrl: "http://127.0.0.1:1" });
    const volume = join(workplace.directory, "volume");
    await mkdir(volume);
    const flags = (container?.args ?? []).map((arg) => arg.replace("=/data/", `=${volume}/`));
    expect(flags).toHaveLength(2);
    {
      await using gateway = await startGateway({ flags });
      for (const probe of [container?.livenessProbe, container?.readinessProbe])
        if (probe?.httpGet?.path !== undefined)
          expect((await fetch(gateway.url + probe.httpGet.path)).status).toBe(200);
      await fetch(`${gateway.url}/metrics/job/etl`, { method: "POST", body: "rows 15000\n" });
    }
    await using again = await startGateway({ flags });
    expect(await scrape(again.url)).toContain('rows{instance="",job="etl"} 15000');
  },
);

test("how-to-configure/cronjob-with-metrics.yaml gives its job what it needs to push", async () => {
  await using gateway = await startGateway();
  await using workplace = await createWorkplace({ gatewayUrl: gateway.url });
  const manifests = manifestsIn(await workplace.text(files.cronJob));
  const cronJob = find<ICronJob & Manifest>(manifests, "CronJob", "daily-report-generator");
  const [container] = cronJob.spec?.jobTemplate.spec?.template.spec?.containers ?? [];
  const env = Object.fromEntries(
    // Kubernetes fills in the pod's name.
    (container?.env ?? []).map(({ name, value, valueFrom }) => [
      name,
      value ?? valueFrom?.fieldRef?.fieldPath ?? "",
    ]),
  );
  // The article does not show the program of its image.
  const program = join(workplace.directory, "report-generator");
  await writeFile(
    program,
    '#!/bin/sh\necho "report_rows 3" | curl --data-binary @- "$PUSHGATEWAY_URL/metrics/job/$JOB_NAME/instance/$POD_NAME"\n',
    { mode: 0o755 },
  );
  expect(await workplace.run(program, [], env)).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await scrape(gateway.url)).toContain(
    'report_rows{instance="metadata.name",job="daily_report_generator"} 3',
  );
});

async function manifestsOf(file: string): Promise<readonly Manifest[]> {
  return manifestsIn(await readFile(new URL(`articles/${file}`, import.meta.url), "utf8"));
}
