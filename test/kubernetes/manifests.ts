import { execFile, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";

/** One object as the API server would get it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
}

export const kubernetes = fileURLToPath(new URL("../../ops/kubernetes/", import.meta.url));

/** Why nothing can be built here; undefined when it can. */
export function whyNoKustomize(): string | undefined {
  const { status } = spawnSync("kubectl", ["kustomize", "--help"]);
  return status === 0 ? undefined : "there is no kubectl";
}

/** What `kubectl apply -k` would apply of a folder of ops/kubernetes. */
export async function manifestsOf(folder: string): Promise<readonly Manifest[]> {
  const { stdout } = await promisify(execFile)("kubectl", ["kustomize", kubernetes + folder]);
  return manifestsIn(stdout);
}

/** Of a file of YAML documents. */
export function manifestsIn(text: string): readonly Manifest[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0];
    return document.toJS();
  });
}

/** The one object of this kind and name; throws when there is none. */
export function find<M extends Manifest>(manifests: readonly Manifest[], kind: M["kind"], name: string): M {
  const found = manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  // The caller names the type of that kind; schema.ts checks that the object has it.
  return found as M;
}
