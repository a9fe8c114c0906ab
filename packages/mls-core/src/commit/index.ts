export * from "./advance-keys.ts";
export * from "./apply-commit.ts";
export * from "./create-commit.ts";
export * from "./epoch-state.ts";
export * from "./process-commit.ts";
export * from "./psk-store.ts";
export * from "./staged-commit.ts";
