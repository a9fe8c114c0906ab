import type { Codec, Reader } from "../codec/index.ts";

/** The bodies of types that RFC 9420 leaves open, by type: what an application's features bring. */
export interface OpenTypes {
  readonly proposals: ReadonlyMap<number, Codec<unknown>>;
  /** What stands between psktype and psk_nonce. */
  readonly psks: ReadonlyMap<number, Codec<unknown>>;
}

/** The open types that an input is read with: the `types` of its `ReadOptions`, or none. */
export function openTypesOf(reader: Reader): OpenTypes {
  return (reader.types as OpenTypes | undefined) ?? { proposals: new Map(), psks: new Map() };
}
