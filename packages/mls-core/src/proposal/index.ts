export * from "./apply-list.ts";
export * from "./proposal-list.ts";
export * from "./validate-proposal.ts";
export * from "./validate-replacement.ts";
