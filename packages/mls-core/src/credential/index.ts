export * from "./check-signer.ts";
export * from "./credential.ts";
export * from "./validate.ts";
