export { checkStandsByItself, entryOf } from "./arrange.ts";
export * from "./commit-facts.ts";
export * from "./judge-leaves.ts";
export * from "./make-plan.ts";
export type * from "./plan-types.ts";
export * from "./judge-path-leaf.ts";
