import { type Codec, struct, uint16s, uint64 } from "../codec/index.ts";

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
  versions: uint16s,
  cipherSuites: uint16s,
  extensions: uint16s,
  proposals: uint16s,
  credentials: uint16s,
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
export const lifetimeCodec: Codec<Lifetime> = struct<Lifetime>({ notBefore: uint64, notAfter: uint64 });
