export * from "./check-signer.ts";
export * from "./validate.ts";
