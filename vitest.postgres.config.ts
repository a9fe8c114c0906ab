import { defineConfig } from "vitest/config";

// What needs a PostgreSQL server: `pnpm test:postgres`, which starts one. Outside packages Node.js resolves by itself: it
// gives pg, which is CommonJS, the CommonJS form of its dependencies.
export default defineConfig({
  resolve: { conditions: ["@openmls-ts/source", "module", "node", "import", "default"] },
  ssr: { resolve: { externalConditions: ["@openmls-ts/source"] } },
  test: {
    include: ["packages/storage-postgres/src/testing/*.postgres.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    execArgv: ["--conditions=@openmls-ts/source"],
  },
});
