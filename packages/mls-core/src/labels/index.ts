export * from "./labels.ts";
