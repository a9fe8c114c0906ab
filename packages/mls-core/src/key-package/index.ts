export * from "./best-cipher-suite.ts";
export * from "./import-key-package.ts";
export * from "./key-package-builder.ts";
export * from "./key-package-store.ts";
export * from "./key-package.ts";
export * from "./own-leaf.ts";
export * from "./validate-key-package.ts";
