/** One part of a structure. Plain data: it can be sent, stored and shown. */
export interface Field {
  /** As RFC 9420 names it, or its place in a vector. */
  readonly name: string;
  /** Name of its type, such as `LeafNode`, `opaque<V>` or `uint32`. */
  readonly type: string;
  /** The section that defines it, `RFC 9420 §7.2`, where there is one. */
  readonly section?: string;
  /** Where it begins in the input, in bytes, its length prefix included. */
  readonly offset: number;
  /** Bytes that it takes, as far as they are there. */
  readonly length: number;
  /** Its value in words: a number with its name, hexadecimal, text in quotes, a time. */
  readonly value?: string;
  /** What is worth knowing beside the value. */
  readonly note?: string;
  /** What is wrong here. */
  readonly problem?: string;
  readonly children?: readonly Field[];
}

/** What `inspect` found. */
export interface Inspection {
  /** The structure that the bytes were read as. */
  readonly kind: string;
  /** Bytes of the input. */
  readonly size: number;
  readonly root: Field;
  /** Where the first thing is wrong, if something is. The fields before it are good. */
  readonly problem?: { readonly offset: number; readonly message: string; readonly path: string };
}
