import { badArgument } from "@openmls-ts/traits";
import type { CipherSuite, StorageProvider } from "@openmls-ts/traits";

/** Refuses what is no cipher suite, such as its number or the promise of one. @throws MlsError `ERR_MLS_USAGE` */
export function checkSuite(suite: CipherSuite): void {
  requireMethods(
    "suite",
    suite,
    ["sign", "signaturePublicKey"],
    "CipherSuite, as crypto.cipherSuite(id) gives",
  );
}

/** Refuses what is no storage. @throws MlsError `ERR_MLS_USAGE` */
export function checkStorage(storage: StorageProvider): void {
  requireMethods("storage", storage, ["get", "write"], "StorageProvider");
}

function requireMethods(name: string, value: unknown, methods: readonly string[], expected: string): void {
  const object = value as Readonly<Record<string, unknown>> | null | undefined;
  if (methods.some((method) => typeof object?.[method] !== "function")) {
    throw badArgument(name, value, expected);
  }
}
