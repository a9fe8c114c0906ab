/**
 * What becomes of operations on MLS groups, for people and programs that watch: adapters for `MlsProvider.trace`.
 * @module
 */
export * from "./combine-traces.ts";
export * from "./logger-trace.ts";
