import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Manifest } from "./manifests.ts";

const modules = fileURLToPath(new URL("../../node_modules", import.meta.url));

/**
 * What Kubernetes' API types have against the objects: unknown or missing fields, values of the wrong type, kinds that there are not.
 * The types are made from Kubernetes' OpenAPI document and the Prometheus Operator's resource definitions; tsc compares. A field that it does
 * not know is as wrong as in strict validation. What only the server's own code checks, such as names that refer to each other, is not found.
 */
export async function schemaProblems(manifests: readonly Manifest[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "pushfleet-schema-"));
  try {
    await symlink(modules, join(folder, "node_modules"));
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
    const files = manifests.map(({ kind, metadata }, index) =>
      join(folder, `${index}-${kind}-${metadata.name}.ts`),
    );
    await Promise.all(manifests.map((manifest, index) => writeFile(files[index] ?? "", typed(manifest))));
    const options = [
      "--noEmit",
      "--ignoreConfig",
      "--strict",
      "--skipLibCheck",
      "--module",
      "nodenext",
      "--target",
      "es2024",
    ];
    const tsc = join(modules, ".bin", "tsc");
    return await promisify(execFile)(tsc, [...options, ...files], { cwd: folder }).then(
      () => "",
      // tsc prints what it finds and ends with an error.
      (failure: { readonly stdout: string }) => failure.stdout,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

function typed(manifest: Manifest): string {
  const { apiVersion, kind } = manifest;
  const library = apiVersion.startsWith("monitoring.coreos.com/")
    ? `@kubernetes-models/prometheus-operator/${apiVersion}`
    : `kubernetes-models/${apiVersion}`;
  return `import type { I${kind} } from "${library}";
export const manifest: I${kind} = ${JSON.stringify(manifest, null, 2)};
`;
}
