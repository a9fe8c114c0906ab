export * from "./codec.ts";
export * from "./combinators.ts";
export * from "./primitives.ts";
export * from "./reader.ts";
export * from "./writer.ts";
