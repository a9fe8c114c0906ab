/**
 * Drafts that extend MLS, each a `Feature` for `MlsProvider.features`. What is not imported costs nothing.
 * @module
 */
export * from "./app-ack.ts";
export * from "./app-data.ts";
export * from "./app-ephemeral.ts";
export * from "./application-psk.ts";
export * from "./code-points.ts";
export * from "./component-keys.ts";
export * from "./last-resort.ts";
export * from "./media-types.ts";
export * from "./multi-credential.ts";
export * from "./safe-aad.ts";
export * from "./safe-exporter.ts";
export * from "./self-remove.ts";
export * from "./wire-formats.ts";
