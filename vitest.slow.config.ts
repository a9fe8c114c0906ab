import { defineConfig, mergeConfig } from "vitest/config";
import base from "./vitest.config.ts";

// What takes too long for every day: `npm run test:slow`.
export default mergeConfig(
  base,
  defineConfig({ test: { env: { MLS_LONG_HISTORIES: "1" }, testTimeout: 1_500_000 } }),
);
