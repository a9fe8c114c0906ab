export * from "./signature-key-pair.ts";
