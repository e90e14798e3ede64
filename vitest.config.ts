import { defineConfig } from "vitest/config";

/** Whole clusters under load and faults: one at a time and apart from all others, so that a busy machine is not one of the faults. */
const clusters = ["test/{cluster,compose,vip}/**/*.test.ts", "test/reaper/{bounds,failover}.test.ts"];
/** With a script of their own, because a browser takes its time. */
const browser = ["test/browser/**/*.test.ts"];

/** Gateways under attack beside a job whose latency is measured: with a script of their own, apart from all others. */
const hostile = ["test/hostile/load/**/*.test.ts"];

/** Whole regions, three at a time, of ten processes and more under load and faults: with a script of their own, apart from all others. */
const regions = ["test/regions/**/*.test.ts"];

/** Client libraries of many languages, which have to be installed and compiled first: with a script of their own. */
const clients = ["test/clients/**/*.test.ts"];

/** What stands around the gateway: the command line, Prometheus with rules and dashboards, manifests, units, articles, documents. */
const ecosystem = ["test/{cli,docs,kubernetes,prometheus,seeds,systemd}/**/*.test.ts"];

export default defineConfig({
  test: {
    setupFiles: ["test/support/matchers.ts"],
    globalSetup: ["test/support/install-servers.ts", "test/support/python/install.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "parts",
          include: ["{packages,apps,scripts}/**/*.test.ts", "test/**/*.test.ts"],
          exclude: [
            ...clusters,
            ...browser,
            ...hostile,
            ...regions,
            ...clients,
            ...ecosystem,
            "**/node_modules/**",
          ],
          // As many as CI has processors.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "clusters",
          include: clusters,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "browser",
          include: browser,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: "hostile",
          include: hostile,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          name: "clients",
          include: clients,
          // The first test of a library may have to install it.
          testTimeout: 300_000,
          fileParallelism: false,
          sequence: { groupOrder: 4 },
        },
      },
      {
        extends: true,
        test: {
          name: "ecosystem",
          include: ecosystem,
          sequence: { groupOrder: 5 },
        },
      },
      {
        extends: true,
        test: {
          name: "regions",
          include: regions,
          fileParallelism: false,
          sequence: { groupOrder: 6 },
        },
      },
    ],
  },
});
