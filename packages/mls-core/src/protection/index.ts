export * from "./private-protection.ts";
export * from "./proposal-ref.ts";
export * from "./public-protection.ts";
export * from "./sender-data.ts";
export * from "./sender-rules.ts";
export * from "./signing.ts";
