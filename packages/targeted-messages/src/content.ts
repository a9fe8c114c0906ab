import { encode, malformed, opaque, Reader } from "@openmls-ts/mls-core";
import { concatBytes } from "@openmls-ts/traits";

/** application_data with zeros after it. */
export function padded(data: Uint8Array, padding: number): Uint8Array {
  return concatBytes(encode(opaque, data), new Uint8Array(padding));
}

/** The inverse of {@link padded}. @throws MlsError `ERR_MLS_DECODE`, rule tm05 for padding that is not zero */
export function unpadded(content: Uint8Array): Uint8Array {
  const reader = new Reader(content);
  const data = opaque.read(reader);
  const padding = reader.bytes(reader.remaining);
  if (padding.some((octet) => octet !== 0)) {
    throw malformed("the padding is not zero", "tm05");
  }
  return data;
}
