import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";

/** Programs the tests run against, with the Debian packages that have them. */
const servers = [
  { command: "redis-server", debianPackage: "redis-server" },
  { command: "redis-sentinel", debianPackage: "redis-sentinel" },
  { command: "prometheus-pushgateway", debianPackage: "prometheus-pushgateway" },
  { command: "prometheus", debianPackage: "prometheus" },
  { command: "amtool", debianPackage: "prometheus-alertmanager" },
  { command: "prometheus-redis-exporter", debianPackage: "prometheus-redis-exporter" },
  { command: "haproxy", debianPackage: "haproxy" },
  { command: "keepalived", debianPackage: "keepalived" },
  { command: "ip", debianPackage: "iproute2" },
  { command: "curl", debianPackage: "curl" },
  { command: "jq", debianPackage: "jq" },
  { command: "openssl", debianPackage: "openssl" },
  { command: "systemd-analyze", debianPackage: "systemd" },
  { command: "chromium", debianPackage: "chromium" },
] as const;

/**
 * Vitest's global set-up: installs missing servers from Debian's packages when it may (root, apt). Elsewhere the tests
 * themselves say what is missing, or use containers.
 */
export function setup(): void {
  const missing = servers
    .filter(({ command }) => !isInstalled(command))
    .map(({ debianPackage }) => debianPackage);
  if (missing.length === 0 || process.getuid?.() !== 0 || !isInstalled("apt-get")) return;
  process.stderr.write(`Installing ${missing.join(", ")} (apt-get) …\n`);
  withoutStartingServices(() => {
    const install = ["install", "-y", "--no-install-recommends", ...missing];
    if (aptGet(install) || (aptGet(["update"]) && aptGet(install))) return;
    throw new Error(`Installing failed. Try: apt-get update && apt-get install ${missing.join(" ")}`);
  });
}

function isInstalled(command: string): boolean {
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
