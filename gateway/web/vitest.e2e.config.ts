import { defineConfig } from "vitest/config";

// One browser and one gateway: the scenarios build on each other, in order.
export default defineConfig({
  test: {
    // A loaded machine takes its time; what never comes still fails.
    expect: { poll: { timeout: 10_000 } },
    include: ["e2e/**/*.e2e.ts"],
    environment: "node",
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    bail: 0,
  },
});
