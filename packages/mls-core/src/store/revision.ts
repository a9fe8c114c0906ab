import type { CipherSuite } from "@openmls-ts/traits";
import { encode, uint64 } from "../codec/index.ts";
import { withFormat } from "../stored-format.ts";

/**
 * Where the revisions of a group that is new in a store begin: random, so that a group that is deleted and joined again does
 * not come to one that an object from before still expects.
 */
export function firstRevision(suite: CipherSuite): bigint {
  return suite.randomBytes(6).reduce((value, octet) => (value << 8n) | BigInt(octet), 0n);
}

/** The value of a revision's record. */
export function revisionValue(revision: bigint): Uint8Array {
  return withFormat(encode(uint64, revision), "group_revision");
}
