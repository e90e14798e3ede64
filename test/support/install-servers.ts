import { installDebianPackages, isInstalled } from "./debian.ts";

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
  { command: "nginx", debianPackage: "nginx-light" },
  { command: "ip", debianPackage: "iproute2" },
  { command: "curl", debianPackage: "curl" },
  { command: "jq", debianPackage: "jq" },
  { command: "bc", debianPackage: "bc" },
  { command: "openssl", debianPackage: "openssl" },
  { command: "systemd-analyze", debianPackage: "systemd" },
  { command: "chromium", debianPackage: "chromium" },
  // What a test preloads into a server is compiled for the machine.
  { command: "gcc", debianPackage: "build-essential" },
] as const;

/**
 * Vitest's global set-up: installs missing servers from Debian's packages when it may (root, apt). Elsewhere the tests
 * themselves say what is missing, or use containers.
 */
export function setup(): void {
  const missing = servers
    .filter(({ command }) => !isInstalled(command))
    .map(({ debianPackage }) => debianPackage);
  installDebianPackages(missing);
}
