import { bytesToHex, type CipherSuite, utf8 } from "@openmls-ts/traits";
import { MlsGroup } from "@openmls-ts/mls-core";
import { decode, encode } from "../../../packages/mls-core/src/codec/index.ts";
import {
  commit,
  type Content,
  encodeMlsMessage,
  groupSecrets,
  proposal,
  type Proposal,
  updatePath,
  usePsk,
} from "../../../packages/mls-core/src/wire/index.ts";
import {
  ContentType,
  LeafNodeSource,
  ProposalOrRefType,
  ProposalType,
  PskType,
  ResumptionPskUsage,
  SenderType,
  WireFormat,
} from "../../../packages/mls-core/src/registry.ts";
import { signLeaf } from "../../../packages/mls-core/src/tree/index.ts";
import { Draw } from "./draw.ts";
import { cast } from "./passive.ts";
import type { CaseSource } from "./source.ts";
import { TreeGroup } from "./tree-group.ts";

/** One of everything that is encoded. Keys, signatures and trees are real; what they say together is not a group. */
export async function messagesCases(suite: CipherSuite, source: CaseSource): Promise<object[]> {
  if (suite.id !== 1 && suite.id !== 2) {
    return []; // the cases name no suite, and keys of other lengths change nothing about the syntax
  }
  const draw = new Draw(`messages ${suite.id}`);
  const { alice, bob } = await cast(suite, source, ["alice", "bob"]);
  const group = await MlsGroup.create(alice.provider, alice.signer, alice.credentialWithKey, {
    cipherSuite: suite.id,
    groupId: draw.bytes(16),
    config: { ratchetTreeExtension: false, paddingSize: 64 },
  });
  const keyPackage = await bob.keyPackage();
  await group.addMembers(alice.signer, [keyPackage]);
  const { welcome } = await group.mergePendingCommit();
  const info = await group.exportGroupInfo(alice.signer);
  const sealed = await group.createMessage(alice.signer, utf8("hello"), { authenticatedData: draw.bytes(7) });

  const { hashLength } = suite.params.kdf;
  const external = usePsk(suite, { pskType: PskType.external, pskId: draw.bytes(70) });
  const usage = ResumptionPskUsage.branch;
  const pskGroupId = draw.bytes(16);
  const resumption = usePsk(suite, { pskType: PskType.resumption, usage, pskGroupId, pskEpoch: 1n << 40n });
  const { leafNodeSource: _source, ...leaf } = keyPackage.leafNode;
  const { encryptionKey, signatureKey, credential, capabilities, extensions } = leaf;
  const fields = { encryptionKey, signatureKey, credential, capabilities, extensions };
  const leafNode = await signLeaf(
    suite,
    bob.signer,
    { ...fields, leafNodeSource: LeafNodeSource.update },
    { groupId: group.groupId, leafIndex: 1 },
  );
  const extension = { extensionType: 0x0a0a, extensionData: draw.bytes(100) };
  const proposals: Readonly<Record<string, Proposal>> = {
    add_proposal: { proposalType: ProposalType.add, keyPackage: keyPackage.fields },
    update_proposal: { proposalType: ProposalType.update, leafNode },
    remove_proposal: { proposalType: ProposalType.remove, removed: 0xffff_fffe },
    pre_shared_key_proposal: { proposalType: ProposalType.psk, psk: external },
    re_init_proposal: {
      proposalType: ProposalType.reinit,
      groupId: draw.bytes(20),
      version: 1,
      cipherSuite: suite.id,
      extensions: [extension],
    },
    external_init_proposal: {
      proposalType: ProposalType.externalInit,
      kemOutput: draw.bytes(suite.params.kem.publicKeyLength),
    },
    group_context_extensions_proposal: {
      proposalType: ProposalType.groupContextExtensions,
      extensions: [extension],
    },
  };
  const trees = await TreeGroup.create(suite, draw, 2);
  const prepared = await trees.prepare(trees.tree, 0);
  const context = { epoch: 0n, confirmedTranscriptHash: new Uint8Array() };
  const path = await trees.seal(trees.tree, prepared, context);
  const theCommit = {
    proposals: [
      { type: ProposalOrRefType.reference, reference: draw.bytes(hashLength) },
      { type: ProposalOrRefType.proposal, proposal: proposals["remove_proposal"]! },
    ],
    path: decode(updatePath, encode(updatePath, path)),
  };
  const inPublic = async (content: Content): Promise<string> => {
    const framed = {
      groupId: group.groupId,
      epoch: 0xffff_ffff_ffff_ffffn,
      sender: { senderType: SenderType.member, leafIndex: 1 },
      authenticatedData: draw.bytes(3),
      ...content,
    } as const;
    const confirmationTag = content.contentType === ContentType.commit ? draw.bytes(hashLength) : undefined;
    const signature = await bob.signer.sign(framed.authenticatedData);
    const publicMessage = {
      content: framed,
      auth: { signature, confirmationTag },
      membershipTag: draw.bytes(hashLength),
    };
    return bytesToHex(encodeMlsMessage({ wireFormat: WireFormat.mlsPublicMessage, publicMessage }));
  };
  const secrets = {
    joinerSecret: draw.bytes(hashLength),
    pathSecret: { pathSecret: draw.bytes(hashLength) },
    psks: [external, resumption],
  };
  // A Proposal starts with its type, which these fields leave out.
  const bodies = Object.entries(proposals).map(
    ([name, value]) => [name, bytesToHex(encode(proposal, value).subarray(2))] as const,
  );
  return [
    {
      mls_welcome: bytesToHex(welcome!),
      mls_group_info: bytesToHex(info),
      mls_key_package: bytesToHex(keyPackage.toMessage()),
      ratchet_tree: bytesToHex(group.exportRatchetTree()),
      group_secrets: bytesToHex(encode(groupSecrets, secrets)),
      ...Object.fromEntries(bodies),
      commit: bytesToHex(encode(commit, theCommit)),
      public_message_application: await inPublic({
        contentType: ContentType.application,
        applicationData: draw.bytes(40),
      }),
      public_message_proposal: await inPublic({
        contentType: ContentType.proposal,
        proposal: proposals["external_init_proposal"]!,
      }),
      public_message_commit: await inPublic({ contentType: ContentType.commit, commit: theCommit }),
      private_message: bytesToHex(sealed),
    },
  ];
}

/** The welcome format: opening a Welcome without joining. */
export async function welcomeCases(suite: CipherSuite, source: CaseSource): Promise<object[]> {
  const draw = new Draw(`welcome ${suite.id}`);
  const { alice, bob } = await cast(suite, source, ["alice", "bob"]);
  const group = await MlsGroup.create(alice.provider, alice.signer, alice.credentialWithKey, {
    cipherSuite: suite.id,
    groupId: draw.bytes(16),
  });
  const keyPackage = await bob.keyPackage();
  const { initPrivateKey } = await bob.secretsOf(keyPackage);
  await group.addMembers(alice.signer, [keyPackage]);
  const { welcome } = await group.mergePendingCommit();
  return [
    {
      cipher_suite: suite.id,
      init_priv: bytesToHex(initPrivateKey),
      signer_pub: bytesToHex(alice.signer.publicKey),
      key_package: bytesToHex(keyPackage.toMessage()),
      welcome: bytesToHex(welcome!),
    },
  ];
}
