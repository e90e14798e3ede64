import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{packages,apps,scripts}/**/*.test.ts", "test/**/*.test.ts"],
    setupFiles: ["test/support/matchers.ts"],
    globalSetup: ["test/support/install-servers.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
