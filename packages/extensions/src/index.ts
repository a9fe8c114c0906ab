/**
 * Drafts that extend MLS, each a `Feature` for `MlsProvider.features`. What is not imported costs nothing.
 * @module
 */
export * from "./last-resort.ts";
export * from "./self-remove.ts";
