/** A fault that changes nothing anybody could notice, and why. */
export interface Equivalent {
  readonly file: string;
  /** As the list of survivors prints it. */
  readonly change: string;
  readonly why: string;
}

/** Looked at one by one. */
export const EQUIVALENTS: readonly Equivalent[] = [
  {
    file: "packages/mls-core/src/group/send/frame.ts",
    change:
      "checkSize(limits.maxMessageSize, message); writeMessageKeys(transaction.batch, r → writeMessageKeys(transaction.batch, records, epoch.groupContext.epoch, planned.c",
    why: "what is put into a batch counts only if nothing throws: the batch of a refused message is dropped",
  },
  {
    file: "packages/mls-core/src/tree/tree-validation.ts",
    change: "0 → 1",
    why: "beyond the last node there is none, so it has no key",
  },
  {
    file: "packages/mls-core/src/group/feature-room.ts",
    change: "setStagedEpoch(at, next); wipeOld(); → wipeOld(); setStagedEpoch(at, next);",
    why: "both happen in one synchronous step, and neither looks at what the other changes",
  },
  {
    file: "packages/mls-core/src/group/kept-group.ts",
    change:
      "commit({ config }); narrowSecrets(this.handle, { ...state, config }, transaction → narrowSecrets(this.handle, { ...state, config }, transaction); commit({ config }",
    why: "both add to what takes effect after the write, and to different parts of the state",
  },
];
