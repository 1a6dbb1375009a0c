import { defineConfig } from "vitest/config";

// What a tab lets be heard, on a real gateway only: cmd/jumpgate's tests start
// one with a library of tones and run this.
export default defineConfig({
  test: {
    include: ["e2e/listen.heard.ts"],
    environment: "node",
    fileParallelism: false,
    testTimeout: 90_000,
    hookTimeout: 60_000,
    bail: 0,
  },
});
