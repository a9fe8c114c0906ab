import { encode, opaque, struct } from "@openmls-ts/mls-core";
import { type CipherSuite, utf8 } from "@openmls-ts/traits";

/** Bytes of a device's address. */
const LENGTH = 16;

/** The address of the device that signs with a key: the first 16 bytes of its SHA-256. @param suite one with SHA-256 */
export function addressOf(suite: CipherSuite, signatureKey: Uint8Array): Uint8Array {
  return suite.hash(signatureKey).slice(0, LENGTH);
}

const refHashInput = struct<{ readonly label: Uint8Array; readonly value: Uint8Array }>({
  label: opaque,
  value: opaque,
});

/** MakeKeyPackageRef (RFC 9420 §5.2). @param message the key package as an MLSMessage */
export function keyPackageRefOf(suite: CipherSuite, message: Uint8Array): Uint8Array {
  const header = 4; // version and wire format
  const value = message.slice(header);
  return suite.hash(encode(refHashInput, { label: utf8("MLS 1.0 KeyPackage Reference"), value }));
}
