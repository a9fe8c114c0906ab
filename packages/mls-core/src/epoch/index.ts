export * from "./advance.ts";
export * from "./epoch-state.ts";
export * from "./follow-commit.ts";
export * from "./make-commit.ts";
export * from "./psk-store.ts";
export * from "./summary.ts";
