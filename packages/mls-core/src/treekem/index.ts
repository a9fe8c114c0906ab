export * from "./apply-path.ts";
export * from "./create-path.ts";
export * from "./install-path-secret.ts";
export * from "./private-tree.ts";
