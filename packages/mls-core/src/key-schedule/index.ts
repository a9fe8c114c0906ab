export * from "./epoch-secrets-record.ts";
export * from "./epoch-secrets.ts";
export * from "./exporter.ts";
export * from "./external-init.ts";
export * from "./psk.ts";
export * from "./schedule.ts";
export * from "./secret-bytes.ts";
export * from "./transcript.ts";
