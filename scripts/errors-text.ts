import type { MlsErrorCode } from "../packages/traits/src/error-codes.ts";

/** What docs/errors.md says of a code. */
export interface ErrorText {
  /** When it comes, as the end of “when …”. */
  readonly when: string;
  /** Why it is refused. */
  readonly why: string;
  /** What the caller does. */
  readonly remedy: string;
}

/** One for each code; the type sees to it that none is forgotten. */
export const errorTexts: Readonly<Record<MlsErrorCode, ErrorText>> = {
  ERR_MLS_DECODE: {
    when: "bytes are not the one canonical encoding of what they should be",
    why: "Somebody sent garbage, the transport cut the message, or it is of another protocol.",
    remedy:
      "Drop the message. If it is one of yours, compare the bytes that were sent with those that came in.",
  },
  ERR_MLS_ENCODE: {
    when: "a value cannot be encoded: too long, or out of the range of its field",
    why: "The wire format has no place for it.",
    remedy: "Shorten what you pass in; `details` names the field where that is known.",
  },
  ERR_MLS_UNSUPPORTED_VERSION: {
    when: "a message is of another version than MLS 1.0",
    why: "This client speaks `mls10` only.",
    remedy: "Tell the user to update, or drop the message.",
  },
  ERR_MLS_UNSUPPORTED_WIRE_FORMAT: {
    when: "a message is of a wire format that does not belong where it was given",
    why: "For example a Welcome that was given to `processMessage`.",
    remedy: "Look at the kind first: `MlsMessage.read` tells it without a group.",
  },
  ERR_MLS_UNSUPPORTED_CIPHER_SUITE: {
    when: "the provider has not got the cipher suite",
    why: "The runtime lacks a primitive of it, or the suite is not known at all.",
    remedy: "Ask `supportedCipherSuites()` first; crypto-noble has all seven everywhere.",
  },
  ERR_MLS_INVALID_KEY: {
    when: "a key has the wrong length or form, or is not a point of its curve",
    why: "Such keys give secrets away.",
    remedy: "Drop what brought it. If it is your own, it is of another suite or damaged.",
  },
  ERR_MLS_CRYPTO: {
    when: "a primitive refuses its input, for example a Diffie-Hellman result of zeros",
    why: "The other side sent a weak key, or the runtime failed.",
    remedy: "Drop what brought it; `cause` has the runtime's own error.",
  },
  ERR_MLS_DECRYPTION: {
    when: "an authenticated decryption failed",
    why: "The message was changed or is for somebody else. All causes say the same, so that nobody can ask an oracle.",
    remedy:
      "Drop the message. If all messages of a member fail, compare `epochAuthenticator`: the group may be forked.",
  },
  ERR_MLS_INVALID_SIGNATURE: {
    when: "a signature does not verify",
    why: "It is forged, or was made with another key than the leaf has; `rule` says of what it is.",
    remedy: "Drop the message. On your own calls: the `Signer` is not the one of your leaf.",
  },
  ERR_MLS_INVALID_TAG: {
    when: "a membership tag or confirmation tag does not match",
    why: "The sender is no member, or believes in another state of the group.",
    remedy:
      "Drop the message. If it was a commit in the group's order, the group is forked: see fork-resolution.",
  },
  ERR_MLS_VALIDATION: {
    when: "a rule of the protocol is violated",
    why: "`rule` names it; `docs` leads to its explanation.",
    remedy: "A received message: drop it. Your own call: what you ask for cannot be in a commit.",
  },
  ERR_MLS_CREDENTIAL_REJECTED: {
    when: "your credential validator did not say yes",
    why: "Only `true` and `{ allowed: true }` are a yes; what throws is a no.",
    remedy:
      "Look at `details` for whom and why. If you should know the member, refresh your directory and try again.",
  },
  ERR_MLS_POLICY: {
    when: "your own rules refused",
    why: "A function in `provider.rules` said no.",
    remedy: "As you decided. All members must have the same rules, or they lose one another.",
  },
  ERR_MLS_LIMIT: {
    when: "a limit is exceeded: members, length, generations skipped, and others",
    why: "Limits bound what a stranger can cost.",
    remedy: "Drop the message, or raise that one of `provider.limits` that `details` names.",
  },
  ERR_MLS_WRONG_GROUP: {
    when: "a message is for another group",
    why: "It was handed to the wrong object.",
    remedy: "`details.groupId` says for which; `MlsMessage.read` tells it before.",
  },
  ERR_MLS_WRONG_EPOCH: {
    when: "a message is for another epoch than those whose keys are there",
    why: "It is late, or commits between are missing.",
    remedy:
      "Too new: fetch and process what is missing, then try again. Too old: drop it, or keep past epochs (`maxPastEpochs`).",
  },
  ERR_MLS_SECRET_CONSUMED: {
    when: "the key of a message was used before, or given up",
    why: "The same message came twice, or came later than the window allows.",
    remedy: "Drop it: you had it already. For late messages widen `outOfOrderTolerance`.",
  },
  ERR_MLS_MISSING_PROPOSAL: {
    when: "a commit names proposals that are not here",
    why: "The commit came before them.",
    remedy: "Fetch and process the proposals in `details.references`, then process the commit again.",
  },
  ERR_MLS_MISSING_PSK: {
    when: "a commit or Welcome needs a pre-shared key that is not stored",
    why: "It takes something that all members have from elsewhere.",
    remedy: "`storeExternalPsk` the ones in `details`, then try again.",
  },
  ERR_MLS_MISSING_RATCHET_TREE: {
    when: "a Welcome or GroupInfo comes without the ratchet tree",
    why: "The sender left it out, to be fetched from the server.",
    remedy: "Fetch it, and pass it as `ratchetTree`.",
  },
  ERR_MLS_NO_MATCHING_KEY_PACKAGE: {
    when: "no private keys are here for any recipient of a Welcome",
    why: "It is for somebody else, for a key package that was used or deleted, or for a store that is gone.",
    remedy: "Ask to be added again with a fresh key package, or join by an external commit.",
  },
  ERR_MLS_PENDING_COMMIT: {
    when: "a commit of yours waits and the call would make it wrong",
    why: "There is one pending commit at a time.",
    remedy: "`mergePendingCommit` when the server took it, `clearPendingCommit` when another was first.",
  },
  ERR_MLS_NO_PENDING_COMMIT: {
    when: "there is nothing to merge or to clear",
    why: "It was merged before, or somebody else's commit came first.",
    remedy: "Nothing: look at `group.epoch`, and do what you wanted again if it has not happened.",
  },
  ERR_MLS_PENDING_PROPOSALS: {
    when: "application data is to be sent while proposals wait",
    why: "RFC 9420 §12.4 wants them committed first.",
    remedy: "`commitToPendingProposals`, merge, then send.",
  },
  ERR_MLS_STALE_COMMIT: {
    when: "a staged commit is merged after the group has changed",
    why: "It was made for the state before.",
    remedy: "Process the message again.",
  },
  ERR_MLS_RESTORED: {
    when: "A message or proposal is to be sent from a group that was imported, or a backup is written to.",
    why: "The state may live on elsewhere, and both would encrypt under the same keys.",
    remedy:
      "Commit with a path and merge it, or join again by an external commit: then the state is one of its own.",
  },
  ERR_MLS_GROUP_INACTIVE: {
    when: "the group is over for this client",
    why: "It was removed, left, or the group was reinitialised or deleted; `status` says which.",
    remedy: "Show it to the user; come back by being added again or by an external commit.",
  },
  ERR_MLS_GROUP_EXISTS: {
    when: "a group of this id is in the store already",
    why: "A store holds one client's view of a group.",
    remedy: "Load it instead, or delete it first.",
  },
  ERR_MLS_GROUP_NOT_FOUND: {
    when: "the store has no such group",
    why: "It was deleted here, or this is another store or user.",
    remedy: "`MlsGroup.list` says what is there.",
  },
  ERR_MLS_STORAGE: {
    when: "the storage failed",
    why: "A full disk, a lost connection, a damaged file; `cause` and `details` say which.",
    remedy:
      "Nothing has changed unless `details.outcome` is `unknown`: load the group again, then try again.",
  },
  ERR_MLS_STORAGE_CONFLICT: {
    when: "somebody else wrote the group first",
    why: "Two tabs or processes share a store. Nothing was written.",
    remedy: "`reload()` and do it again, or use `retrying`.",
  },
  ERR_MLS_STORAGE_FORMAT: {
    when: "a stored record has a format that this release does not read",
    why: "A newer release wrote it, or it is not a record of ours.",
    remedy: "Use the newer release. Never go back to an older one with the same store.",
  },
  ERR_MLS_UNSUPPORTED_TYPE: {
    when: "a proposal, PSK, credential or wire format is of a type that no feature brings",
    why: "`details` names it.",
    remedy: "Add the feature to `provider.features`, for all members; or drop the message.",
  },
  ERR_MLS_ABORTED: {
    when: "your `AbortSignal` ended the work",
    why: "You asked for it.",
    remedy: "Nothing has changed; call again when you like.",
  },
  ERR_MLS_REENTRANT: {
    when: "a validator, rule, feature or signer awaits a call on the group that waits for it",
    why: "Both would wait for ever.",
    remedy: "Use what the call was given, or do the work after the call.",
  },
  ERR_MLS_UNSUPPORTED_RUNTIME: {
    when: "the runtime lacks what a provider needs",
    why: "No SubtleCrypto without HTTPS, no `crypto.getRandomValues` in old React Native, an old Node.js, no IndexedDB.",
    remedy: "The message says what is missing and what to use instead.",
  },
  ERR_MLS_USAGE: {
    when: "the caller passed something that the interface does not allow",
    why: "A string where bytes belong, a misspelt option, a missing argument.",
    remedy: "`details.argument` names it: correct the call.",
  },
  ERR_MLS_INTERNAL: {
    when: "there is a bug in this library",
    why: "Something that cannot be, is.",
    remedy: "Please report it with `toJSON()` of the error; it holds no secrets.",
  },
};
