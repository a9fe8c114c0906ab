/**
 * Every code an {@link MlsError} can carry. Callers switch on `code`; messages are for people and may change.
 *
 * - `ERR_MLS_DECODE` bytes are not the canonical encoding of the expected structure
 * - `ERR_MLS_ENCODE` a value cannot be encoded (too long, out of range)
 * - `ERR_MLS_UNSUPPORTED_VERSION`, `ERR_MLS_UNSUPPORTED_WIRE_FORMAT`, `ERR_MLS_UNSUPPORTED_CIPHER_SUITE`
 *   well-formed, but not something this client speaks
 * - `ERR_MLS_INVALID_KEY` a key has the wrong length or form, or is not on its curve
 * - `ERR_MLS_CRYPTO` a primitive refused its input (for example an all-zero Diffie-Hellman result)
 * - `ERR_MLS_DECRYPTION` an authenticated decryption failed; says the same for every cause
 * - `ERR_MLS_INVALID_SIGNATURE`, `ERR_MLS_INVALID_TAG` authentication failed (`rule` says of what)
 * - `ERR_MLS_VALIDATION` a rule of the protocol is violated; `rule` names it
 * - `ERR_MLS_CREDENTIAL_REJECTED` the application's credential validator did not accept
 * - `ERR_MLS_POLICY` the application's policy refused
 * - `ERR_MLS_LIMIT` a configured limit is exceeded
 * - `ERR_MLS_WRONG_GROUP`, `ERR_MLS_WRONG_EPOCH` the message is for another group or epoch
 * - `ERR_MLS_SECRET_CONSUMED` the message key was used already, or its generation was given up
 * - `ERR_MLS_MISSING_PROPOSAL`, `ERR_MLS_MISSING_PSK`, `ERR_MLS_MISSING_RATCHET_TREE` something must be supplied first
 * - `ERR_MLS_NO_MATCHING_KEY_PACKAGE` no private keys for any recipient of a Welcome
 * - `ERR_MLS_PENDING_COMMIT`, `ERR_MLS_NO_PENDING_COMMIT`, `ERR_MLS_PENDING_PROPOSALS` the call does not fit the state
 * - `ERR_MLS_STALE_COMMIT` a staged commit was made for another state of the group
 * - `ERR_MLS_GROUP_INACTIVE`, `ERR_MLS_GROUP_EXISTS`, `ERR_MLS_GROUP_NOT_FOUND` the group cannot be used that way
 * - `ERR_MLS_RESTORED` the state is a copy, of which another may have used the keys: it may not send, and a backup not be
 *   written to (`details.backup`)
 * - `ERR_MLS_STORAGE` the storage provider failed; `ERR_MLS_STORAGE_CONFLICT` somebody else wrote first and nothing
 *   was written; `ERR_MLS_STORAGE_FORMAT` a stored record has a format this release does not read
 * - `ERR_MLS_UNSUPPORTED_TYPE` a proposal, PSK or wire format of a type that no feature brings; `details` names it
 * - `ERR_MLS_ABORTED` the caller's `AbortSignal` ended the work; nothing has changed
 * - `ERR_MLS_REENTRANT` a validator, rule or signer awaits a call on the group that waits for its answer
 * - `ERR_MLS_UNSUPPORTED_RUNTIME` the runtime lacks what a provider needs
 * - `ERR_MLS_USAGE` the caller passed something the interface does not allow
 * - `ERR_MLS_INTERNAL` a bug in this library
 */
export type MlsErrorCode =
  | "ERR_MLS_DECODE"
  | "ERR_MLS_ENCODE"
  | "ERR_MLS_UNSUPPORTED_VERSION"
  | "ERR_MLS_UNSUPPORTED_WIRE_FORMAT"
  | "ERR_MLS_UNSUPPORTED_CIPHER_SUITE"
  | "ERR_MLS_INVALID_KEY"
  | "ERR_MLS_CRYPTO"
  | "ERR_MLS_DECRYPTION"
  | "ERR_MLS_INVALID_SIGNATURE"
  | "ERR_MLS_INVALID_TAG"
  | "ERR_MLS_VALIDATION"
  | "ERR_MLS_CREDENTIAL_REJECTED"
  | "ERR_MLS_POLICY"
  | "ERR_MLS_LIMIT"
  | "ERR_MLS_WRONG_GROUP"
  | "ERR_MLS_WRONG_EPOCH"
  | "ERR_MLS_SECRET_CONSUMED"
  | "ERR_MLS_MISSING_PROPOSAL"
  | "ERR_MLS_MISSING_PSK"
  | "ERR_MLS_MISSING_RATCHET_TREE"
  | "ERR_MLS_NO_MATCHING_KEY_PACKAGE"
  | "ERR_MLS_PENDING_COMMIT"
  | "ERR_MLS_NO_PENDING_COMMIT"
  | "ERR_MLS_PENDING_PROPOSALS"
  | "ERR_MLS_STALE_COMMIT"
  | "ERR_MLS_GROUP_INACTIVE"
  | "ERR_MLS_GROUP_EXISTS"
  | "ERR_MLS_GROUP_NOT_FOUND"
  | "ERR_MLS_RESTORED"
  | "ERR_MLS_STORAGE"
  | "ERR_MLS_STORAGE_CONFLICT"
  | "ERR_MLS_STORAGE_FORMAT"
  | "ERR_MLS_UNSUPPORTED_TYPE"
  | "ERR_MLS_ABORTED"
  | "ERR_MLS_REENTRANT"
  | "ERR_MLS_UNSUPPORTED_RUNTIME"
  | "ERR_MLS_USAGE"
  | "ERR_MLS_INTERNAL";
