/** One of several things that an operation refused. */
export interface MlsErrorRefusal {
  /** Its place in what the caller passed. */
  readonly index: number;
  readonly code: string;
  readonly rule?: string | undefined;
  readonly message?: string | undefined;
}

/** A PSK (RFC 9420 §8.4), as far as its type has these fields. */
export interface MlsErrorPskId {
  readonly pskType?: number | undefined;
  /** Of an external PSK. */
  readonly pskId?: Uint8Array | undefined;
  /** Of a resumption PSK. */
  readonly pskGroupId?: Uint8Array | undefined;
  readonly pskEpoch?: bigint | undefined;
}

/** Non-secret facts about an error; which there are depends on its code. More may come with any release. */
export interface MlsErrorDetails {
  /** `ERR_MLS_USAGE`: the argument, what it was, and what it should be. */
  readonly argument?: string | undefined;
  readonly given?: string | undefined;
  readonly expected?: string | undefined;
  /** `ERR_MLS_WRONG_GROUP`, `ERR_MLS_GROUP_NOT_FOUND`, `ERR_MLS_GROUP_EXISTS`. */
  readonly groupId?: Uint8Array | undefined;
  /** `ERR_MLS_WRONG_EPOCH`: the message's epoch and the group's. */
  readonly epoch?: bigint | undefined;
  readonly current?: bigint | undefined;
  /** `ERR_MLS_MISSING_PROPOSAL`: the ProposalRefs that nobody sent. */
  readonly references?: readonly Uint8Array[] | undefined;
  /** `ERR_MLS_MISSING_PSK`: which one. */
  readonly id?: MlsErrorPskId | undefined;
  /** The leaf that is at fault. */
  readonly leafIndex?: number | undefined;
  /** `ERR_MLS_CREDENTIAL_REJECTED`: the identity of a basic credential, what it was to be accepted for, and why not. */
  readonly identity?: Uint8Array | undefined;
  readonly purpose?: string | undefined;
  readonly reason?: string | undefined;
  /** Several key packages or proposals were given, and these refused. */
  readonly refused?: readonly MlsErrorRefusal[] | undefined;
  /** `ERR_MLS_UNSUPPORTED_TYPE`, `ERR_MLS_UNSUPPORTED_CIPHER_SUITE`: what is not supported. */
  readonly proposalType?: number | undefined;
  readonly pskType?: number | undefined;
  readonly credentialType?: number | undefined;
  readonly extensionType?: number | undefined;
  readonly wireFormat?: number | undefined;
  readonly cipherSuite?: number | undefined;
  /** `ERR_MLS_LIMIT`: the name in `Limits`, and its value. */
  readonly limit?: string | undefined;
  readonly maximum?: number | bigint | undefined;
  /** `ERR_MLS_STORAGE_FORMAT`: the table of the record. */
  readonly table?: string | undefined;
  /** A lifetime and the time it was compared with, in seconds since 1970. */
  readonly notBefore?: bigint | undefined;
  readonly notAfter?: bigint | undefined;
  readonly now?: bigint | undefined;
  /** Facts of providers and features. */
  readonly [fact: string]: unknown;
}
