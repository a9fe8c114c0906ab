export * from "./leaf-validation.ts";
export * from "./parent-hash.ts";

export * from "./ratchet-tree.ts";
export * from "./tree-entry.ts";
export * from "./tree-math.ts";
export * from "./tree-validation.ts";
export type * from "./tree-view.ts";
