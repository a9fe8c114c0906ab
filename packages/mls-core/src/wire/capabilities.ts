import { type Codec, struct, uint16, uint64, vector } from "../codec/index.ts";

/** What a client supports (RFC 9420 §7.2). Default extension and proposal types are not listed. */
export interface Capabilities {
  readonly versions: readonly number[];
  readonly cipherSuites: readonly number[];
  readonly extensions: readonly number[];
  readonly proposals: readonly number[];
  readonly credentials: readonly number[];
}

//   struct {
//       ProtocolVersion versions<V>;
//       CipherSuite cipher_suites<V>;
//       ExtensionType extensions<V>;
//       ProposalType proposals<V>;
//       CredentialType credentials<V>;
//   } Capabilities;
export const capabilities: Codec<Capabilities> = struct<Capabilities>({
  versions: vector(uint16),
  cipherSuites: vector(uint16),
  extensions: vector(uint16),
  proposals: vector(uint16),
  credentials: vector(uint16),
});

/** When a leaf from a KeyPackage is valid: seconds since 1970, both ends included (RFC 9420 §7.2). */
export interface Lifetime {
  readonly notBefore: bigint;
  readonly notAfter: bigint;
}

//   struct {
//       uint64 not_before;
//       uint64 not_after;
//   } Lifetime;
export const lifetime: Codec<Lifetime> = struct<Lifetime>({ notBefore: uint64, notAfter: uint64 });

const CLOCK_TOLERANCE = 3600n;
const END_OF_TIME = 0xffff_ffff_ffff_ffffn;

/** A lifetime of so many seconds, begun an hour ago for clocks that disagree. */
export function lifetimeFrom(now: bigint, length: bigint): Lifetime {
  const notBefore = now > CLOCK_TOLERANCE ? now - CLOCK_TOLERANCE : 0n;
  return { notBefore, notAfter: length < END_OF_TIME - notBefore ? notBefore + length : END_OF_TIME };
}
