export * from "./arguments.ts";
export * from "./custom-types.ts";
export * from "./define-proposal.ts";
export * from "./environment.ts";
export * from "./feature-set.ts";
export type * from "./feature.ts";
export type * from "./group-access.ts";
