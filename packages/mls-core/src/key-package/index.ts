export * from "./key-package.ts";
export * from "./key-package-builder.ts";
export * from "./key-package-store.ts";
export * from "./validate-key-package.ts";
