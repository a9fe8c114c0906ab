import { defineConfig } from "vitest/config";

// The workspace's packages resolve to their sources: no build is needed to test.
const conditions = ["@openmls-ts/source", "module", "node", "import", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: [
      "packages/*/src/**/*.test.ts",
      "examples/*/src/**/*.test.ts",
      "test-vectors/src/**/*.test.ts",
      "scripts/**/*.test.ts",
    ],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    execArgv: ["--conditions=@openmls-ts/source"],
  },
});
