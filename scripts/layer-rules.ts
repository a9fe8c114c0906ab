// What may import what. `check-layers.ts` applies these rules; docs/architecture.md explains them.

/** Workspace packages that the shipped code of each package may import. Others (examples, …) may import all. */
export const packageImports: Readonly<Record<string, readonly string[]>> = {
  traits: [],
  hpke: ["traits"],
  "mls-core": ["traits"],
  "basic-credential": ["traits"],
  "crypto-noble": ["traits", "hpke"],
  "crypto-webcrypto": ["traits", "hpke"],
  "crypto-node": ["traits", "hpke"],
  "storage-memory": ["traits"],
  "storage-sqlite": ["traits"],
  "storage-indexeddb": ["traits"],
  conformance: ["traits"],
};

/** Private packages below `packages/`: free to import everything. */
export const freePackages: readonly string[] = ["benchmarks", "interop-client"];

/** Folders of mls-core's `src`, lowest layer first. A file imports from its own layer and lower ones. */
export const coreLayers: readonly (readonly string[])[] = [
  ["codec"],
  ["labels", "."], // ".": files directly in src, such as registry.ts; index.ts only re-exports and is free
  ["wire"],
  ["credential", "extension"],
  ["tree", "key-schedule", "secret-tree"],
  ["treekem", "key-package", "protection"],
  ["proposal"],
  ["commit", "welcome"],
  ["group"],
];

/** What mls-core's shipped code must not contain: cryptography and storage come from providers. */
export const coreForbidden: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/["'](@noble\/[^"']*)["']/, "noble"],
  [/["'](node:[^"']*)["']/, "a Node.js module"],
  [/\bcrypto\s*\.\s*subtle\b/, "crypto.subtle"],
  [/\bindexedDB\b/, "indexedDB"],
];

/** Longest file of shipped code, in lines. No exceptions. */
export const maxLines: number = 300;

/** Longest file of test code, in lines. */
export const maxTestLines: number = 400;

/** TEMPORARY, to be emptied and deleted: cycles that go through one of these files (`package/file`) are not reported. */
export const temporaryCycles: readonly string[] = [
  "mls-core/group/commit-builder.ts",
  "mls-core/key-package/key-package-builder.ts",
  "mls-core/proposal/validate-proposal.ts",
];

/** TEMPORARY, to be emptied and deleted: files that may still be longer than `maxLines`. */
export const temporaryLongFiles: readonly string[] = [
  "packages/conformance/src/crypto/known-answers.ts",
  "packages/mls-core/src/group/mls-group.ts",
  "packages/mls-core/src/secret-tree/secret-tree.ts",
  "packages/mls-core/src/tree/ratchet-tree.ts",
];

/** TEMPORARY, to be emptied and deleted: public types (`package: Type`) that may still be exported nowhere. */
export const temporaryUnnamedTypes: readonly string[] = [
  "hpke: NistCurveConstants",
  "mls-core: CommitChoices",
  "mls-core: EpochSecretName",
  "mls-core: EpochSecrets",
  "mls-core: EpochState",
  "mls-core: KeyPackageTbs",
  "mls-core: LeafNodeHead",
  "mls-core: LeafNodeOrigin",
  "mls-core: LeafNodeTail",
  "mls-core: MessageInfo",
  "mls-core: Node",
  "mls-core: ParentNode",
  "mls-core: PathStep",
  "mls-core: PrivateTree",
  "mls-core: PublicEpoch",
  "mls-core: RatchetCandidate",
  "mls-core: RatchetKey",
  "mls-core: RatchetKind",
  "mls-core: RatchetTree",
  "mls-core: RecordChanges",
  "mls-core: SecretTree",
  "mls-core: SecretTreeLimits",
  "mls-core: StagedEpoch",
  "mls-core: SupportKind",
  "mls-core: TreeEntry",
  "mls-core: TreeRecord",
  "mls-core: UnsignedLeafNode",
];
