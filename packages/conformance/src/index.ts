export type { ConformanceCase } from "./case.ts";
export * from "./crypto/index.ts";
export * from "./storage/index.ts";
