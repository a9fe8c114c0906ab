export * from "./extension.ts";
export * from "./placement.ts";
export * from "./typed.ts";
