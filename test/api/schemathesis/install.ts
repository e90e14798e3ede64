import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installEnvironment } from "../../support/python/environment.ts";

/** The command, or why there is none. */
type Installation =
  | { readonly kind: "installed"; readonly command: string }
  | { readonly kind: "missing"; readonly reason: string };

const requirements = fileURLToPath(new URL("requirements.txt", import.meta.url));

/** Installs what requirements.txt says into a virtual environment of its own, where later runs find it. */
export async function installSchemathesis(): Promise<Installation> {
  const environment = await installEnvironment({ name: "schemathesis", requirements, atLeast: "3.11" });
  return environment.kind === "missing"
    ? environment
    : { kind: "installed", command: join(environment.bin, "st") };
}
