import fc from "fast-check";
import {
  type Commit,
  type Content,
  type Credential,
  type Extension,
  type FramedContent,
  type GroupContext,
  type GroupInfo,
  type GroupSecrets,
  type KeyPackageStruct,
  type LeafNode,
  type WireMessage,
  type PreSharedKeyId,
  type PrivateMessage,
  type Proposal,
  type ProposalOrRef,
  type PublicMessage,
  type Sender,
  type UpdatePath,
  type Welcome,
} from "../index.ts";
import {
  ContentType,
  CredentialType,
  LeafNodeSource,
  ProposalOrRefType,
  ProposalType,
  PskType,
  ResumptionPskUsage,
  SenderType,
  WireFormat,
} from "../../registry.ts";

// Well-formed values of every structure on the wire; nothing in them is signed or otherwise true.

const bytes = fc.uint8Array({ maxLength: 70 });
const filled = fc.uint8Array({ minLength: 1, maxLength: 40 });
const uint16 = fc.integer({ min: 0, max: 0xffff });
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

function list<T>(element: fc.Arbitrary<T>, maxLength = 3): fc.Arbitrary<T[]> {
  return fc.array(element, { maxLength });
}

const extensions: fc.Arbitrary<Extension[]> = fc.uniqueArray(
  fc.record({ extensionType: uint16, extensionData: bytes }),
  { maxLength: 3, selector: (extension) => extension.extensionType },
);

const credential: fc.Arbitrary<Credential> = fc.oneof(
  fc.record({ credentialType: fc.constant(CredentialType.basic), identity: bytes }),
  fc.record({ credentialType: fc.constant(CredentialType.x509), certificates: list(bytes) }),
  fc.record({ credentialType: fc.integer({ min: 3, max: 0xffff }), content: bytes }),
);

const leafHead = {
  encryptionKey: bytes,
  signatureKey: bytes,
  credential,
  capabilities: fc.record({
    versions: list(uint16),
    cipherSuites: list(uint16),
    extensions: list(uint16),
    proposals: list(uint16),
    credentials: list(uint16),
  }),
  extensions,
  signature: bytes,
};

const leafNode: fc.Arbitrary<LeafNode> = fc.oneof(
  fc.record({
    ...leafHead,
    leafNodeSource: fc.constant(LeafNodeSource.keyPackage),
    lifetime: fc.record({ notBefore: uint64, notAfter: uint64 }),
  }),
  fc.record({ ...leafHead, leafNodeSource: fc.constant(LeafNodeSource.update) }),
  fc.record({ ...leafHead, leafNodeSource: fc.constant(LeafNodeSource.commit), parentHash: bytes }),
);

const keyPackage: fc.Arbitrary<KeyPackageStruct> = fc.record({
  version: fc.constant(1),
  cipherSuite: uint16,
  initKey: bytes,
  leafNode,
  extensions,
  signature: bytes,
});

const psk: fc.Arbitrary<PreSharedKeyId> = fc.oneof(
  fc.record({ pskType: fc.constant(PskType.external), pskId: bytes, pskNonce: bytes }),
  fc.record({
    pskType: fc.constant(PskType.resumption),
    usage: fc.constantFrom(...Object.values(ResumptionPskUsage)),
    pskGroupId: bytes,
    pskEpoch: uint64,
    pskNonce: bytes,
  }),
);

export const groupContext: fc.Arbitrary<GroupContext> = fc.record({
  version: fc.constant(1),
  cipherSuite: uint16,
  groupId: bytes,
  epoch: uint64,
  treeHash: bytes,
  confirmedTranscriptHash: bytes,
  extensions,
});

export const proposal: fc.Arbitrary<Proposal> = fc.oneof(
  fc.record({ proposalType: fc.constant(ProposalType.add), keyPackage }),
  fc.record({ proposalType: fc.constant(ProposalType.update), leafNode }),
  fc.record({ proposalType: fc.constant(ProposalType.remove), removed: uint32 }),
  fc.record({ proposalType: fc.constant(ProposalType.psk), psk }),
  fc.record({
    proposalType: fc.constant(ProposalType.reinit),
    groupId: bytes,
    version: uint16,
    cipherSuite: uint16,
    extensions,
  }),
  fc.record({ proposalType: fc.constant(ProposalType.externalInit), kemOutput: bytes }),
  fc.record({ proposalType: fc.constant(ProposalType.groupContextExtensions), extensions }),
);

const proposalOrRef: fc.Arbitrary<ProposalOrRef> = fc.oneof(
  fc.record({ type: fc.constant(ProposalOrRefType.proposal), proposal }),
  fc.record({ type: fc.constant(ProposalOrRefType.reference), reference: filled }),
);

const hpkeCiphertext = fc.record({ kemOutput: bytes, ciphertext: bytes });

const updatePath: fc.Arbitrary<UpdatePath> = fc.record({
  leafNode,
  nodes: list(fc.record({ encryptionKey: bytes, encryptedPathSecret: list(hpkeCiphertext) })),
});

export const commit: fc.Arbitrary<Commit> = fc.record({
  proposals: list(proposalOrRef),
  path: fc.option(updatePath, { nil: undefined }),
});

const sender: fc.Arbitrary<Sender> = fc.oneof(
  fc.record({ senderType: fc.constant(SenderType.member), leafIndex: uint32 }),
  fc.record({ senderType: fc.constant(SenderType.external), senderIndex: uint32 }),
  fc.record({ senderType: fc.constant(SenderType.newMemberProposal) }),
  fc.record({ senderType: fc.constant(SenderType.newMemberCommit) }),
);

const content: fc.Arbitrary<Content> = fc.oneof(
  fc.record({ contentType: fc.constant(ContentType.application), applicationData: bytes }),
  fc.record({ contentType: fc.constant(ContentType.proposal), proposal }),
  fc.record({ contentType: fc.constant(ContentType.commit), commit }),
);

export const framedContent: fc.Arbitrary<FramedContent> = fc
  .tuple(fc.record({ groupId: bytes, epoch: uint64, sender, authenticatedData: bytes }), content)
  .map(([head, body]) => ({ ...head, ...body }));

export const publicMessage: fc.Arbitrary<PublicMessage> = fc
  .tuple(framedContent, bytes, bytes, bytes)
  .map(([framed, signature, confirmation, membership]) => ({
    content: framed,
    auth: {
      signature,
      confirmationTag: framed.contentType === ContentType.commit ? confirmation : undefined,
    },
    membershipTag: framed.sender.senderType === SenderType.member ? membership : undefined,
  }));

const privateMessage: fc.Arbitrary<PrivateMessage> = fc.record({
  groupId: bytes,
  epoch: uint64,
  contentType: fc.constantFrom(...Object.values(ContentType)),
  authenticatedData: bytes,
  encryptedSenderData: bytes,
  ciphertext: bytes,
});

const welcome: fc.Arbitrary<Welcome> = fc.record({
  cipherSuite: uint16,
  secrets: list(fc.record({ newMember: bytes, encryptedGroupSecrets: hpkeCiphertext })),
  encryptedGroupInfo: bytes,
});

const groupInfo: fc.Arbitrary<GroupInfo> = fc.record({
  groupContext,
  extensions,
  confirmationTag: bytes,
  signer: uint32,
  signature: bytes,
});

export const groupSecrets: fc.Arbitrary<GroupSecrets> = fc.record({
  joinerSecret: bytes,
  pathSecret: fc.option(fc.record({ pathSecret: bytes }), { nil: undefined }),
  psks: list(psk),
});

export const mlsMessage: fc.Arbitrary<WireMessage> = fc.oneof(
  fc.record({ wireFormat: fc.constant(WireFormat.mlsPublicMessage), publicMessage }),
  fc.record({ wireFormat: fc.constant(WireFormat.mlsPrivateMessage), privateMessage }),
  fc.record({ wireFormat: fc.constant(WireFormat.mlsWelcome), welcome }),
  fc.record({ wireFormat: fc.constant(WireFormat.mlsGroupInfo), groupInfo }),
  fc.record({ wireFormat: fc.constant(WireFormat.mlsKeyPackage), keyPackage }),
);

/** What can happen to bytes on their way: changed, cut, lengthened, a piece taken out or put in. */
export function mutated(original: Uint8Array): fc.Arbitrary<Uint8Array> {
  const at = fc.nat(original.length);
  return fc.oneof(
    fc.tuple(at, fc.nat(255)).map(([i, byte]) => original.map((old, j) => (j === i ? byte : old))),
    fc.tuple(at, fc.nat(7)).map(([i, bit]) => original.map((old, j) => (j === i ? old ^ (1 << bit) : old))),
    at.map((i) => original.slice(0, i)),
    fc
      .tuple(at, fc.uint8Array({ minLength: 1, maxLength: 9 }))
      .map(([i, piece]) => Uint8Array.of(...original.subarray(0, i), ...piece, ...original.subarray(i))),
    fc
      .tuple(at, fc.nat(9))
      .map(([i, n]) => Uint8Array.of(...original.subarray(0, i), ...original.subarray(i + n))),
  );
}
