import { encode, opaque, struct, uint64 } from "@openmls-ts/mls-core";
import { utf8 } from "@openmls-ts/traits";

const content = struct<{
  readonly origin: Uint8Array;
  readonly device: Uint8Array;
  readonly nonce: Uint8Array;
  readonly zero: bigint;
}>({ origin: opaque, device: opaque, nonce: opaque, zero: uint64 });

const labelled = struct<{ readonly label: Uint8Array; readonly content: Uint8Array }>({
  label: opaque,
  content: opaque,
});

/**
 * What a device signs to log in: SignWithLabel's content (RFC 9420 §5.1.2) under a label that nothing in MLS has, bound to one service
 * and one challenge.
 */
export function loginBytes(origin: string, device: Uint8Array, nonce: Uint8Array): Uint8Array {
  return encode(labelled, {
    label: utf8("MLS 1.0 DeliveryServiceLogin"),
    content: encode(content, { origin: utf8(origin), device, nonce, zero: 0n }),
  });
}
