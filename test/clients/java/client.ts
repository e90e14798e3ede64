import { join } from "node:path";
import type { Client } from "../client.ts";
import { installed, isThere, type Preparation, run } from "../installation.ts";
import { startProgram } from "../program.ts";

const cannot = { gzip: "it does not compress" };

export const java: readonly Client[] = [
  ...(["protobuf", "text"] as const).map(
    (format): Client => ({
      id: `java-${format}`,
      name: `Java prometheus-metrics-exporter-pushgateway 1.5.1, ${format}`,
      cannot,
      space: "+",
      prepare: () => prepare("PrometheusMetrics", format),
    }),
  ),
  {
    id: "java-simpleclient",
    name: "Java simpleclient_pushgateway 0.16.0",
    cannot,
    pushesCreationTimes: true,
    space: "+",
    prepare: () => prepare("SimpleClient"),
  },
];

async function prepare(source: string, ...args: readonly string[]): Promise<Preparation> {
  if (!(await isThere("javac", "--version")))
    return { kind: "missing", reason: "there is no JDK 17 or newer" };
  if (!(await isThere("mvn", "--version"))) return { kind: "missing", reason: "there is no Maven" };
  const folder = await installed("java", async (made) => {
    const plugin = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";
    await run(
      "mvn",
      ["--quiet", "--batch-mode", `${plugin}:copy-dependencies`, "-DoutputDirectory=jars"],
      made,
    );
    await run(
      "javac",
      ["-encoding", "UTF-8", "-cp", "jars/*", "-d", "classes", "PrometheusMetrics.java", "SimpleClient.java"],
      made,
    );
  });
  const classPath = [join(folder, "classes"), join(folder, "jars", "*")].join(":");
  return {
    kind: "ready",
    start: () => startProgram("java", ["-XX:TieredStopAtLevel=1", "-cp", classPath, source, ...args]),
  };
}
