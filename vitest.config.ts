import { defineConfig } from "vitest/config";

/**
 * Whole clusters under load and faults, and browsers: one at a time and apart from all others, so that a busy machine is not
 * one of the faults.
 */
const clusters = ["test/{browser,cluster,compose,reaper,vip}/**/*.test.ts"];

export default defineConfig({
  test: {
    setupFiles: ["test/support/matchers.ts"],
    globalSetup: ["test/support/install-servers.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "parts",
          include: ["{packages,apps,scripts}/**/*.test.ts", "test/**/*.test.ts"],
          exclude: [...clusters, "**/node_modules/**"],
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
    ],
  },
});
