import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";

/** Installs packages of Debian where that is possible (root, apt-get), and elsewhere does nothing. No service is started. */
export function installDebianPackages(packages: readonly string[]): void {
  if (packages.length === 0 || process.getuid?.() !== 0 || !isInstalled("apt-get")) return;
  process.stderr.write(`Installing ${packages.join(", ")} (apt-get) …\n`);
  withoutStartingServices(() => {
    const install = ["install", "-y", "--no-install-recommends", ...packages];
    if (aptGet(install) || (aptGet(["update"]) && aptGet(install))) return;
    throw new Error(`Installing failed. Try: apt-get update && apt-get install ${packages.join(" ")}`);
  });
}

export function isInstalled(command: string): boolean {
  return spawnSync("sh", ["-c", 'command -v "$0"', command]).status === 0;
}

function aptGet(args: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync("apt-get", ["-qq", ...args], { env, stdio: ["ignore", "ignore", "inherit"] }).status === 0;
}

/** Debian starts a service when its package is installed, on the very ports that people use: policy-rc.d forbids it. */
function withoutStartingServices(install: () => void): void {
  const policy = "/usr/sbin/policy-rc.d";
  if (existsSync(policy)) {
    install();
    return;
  }
  writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    install();
  } finally {
    rmSync(policy);
  }
}
