import { bytesToHex, type CipherSuite, DEFAULT_LIMITS, Secret, type Signer } from "@openmls-ts/traits";
import { encode } from "../../../packages/mls-core/src/codec/index.ts";
import {
  authenticatedContent,
  type AuthenticatedContent,
  type Content,
  contentBody,
  encodeConfirmedTranscriptHashInput,
  encodeMlsMessage,
  type GroupContext,
} from "../../../packages/mls-core/src/wire/index.ts";
import { protectPublic, sealPrivate, signContent } from "../../../packages/mls-core/src/protection/index.ts";
import {
  confirmationTag,
  confirmedTranscriptHash,
  interimTranscriptHash,
} from "../../../packages/mls-core/src/key-schedule/index.ts";
import {
  ContentType,
  ProposalOrRefType,
  ProposalType,
  ProtocolVersion,
  PskType,
  SenderType,
  WireFormat,
} from "../../../packages/mls-core/src/registry.ts";
import { SecretTree } from "../../../packages/mls-core/src/secret-tree/index.ts";
import { Draw } from "./draw.ts";

/** The formats message-protection and transcript-hashes: messages of a group of which only the context exists. */

/** All messages come from this leaf of two. */
const SENDER = 1;
const PADDING = { proposal: 0, commit: 41, application: 16 } as const;

class Frame {
  readonly suite: CipherSuite;
  readonly context: GroupContext;
  readonly signer: Signer;

  constructor(suite: CipherSuite, draw: Draw, signer: Signer) {
    const { hashLength } = suite.params.kdf;
    this.suite = suite;
    this.signer = signer;
    this.context = {
      version: ProtocolVersion.mls10,
      cipherSuite: suite.id,
      groupId: draw.bytes(16),
      epoch: 0x0102_0304n,
      treeHash: draw.bytes(hashLength),
      confirmedTranscriptHash: draw.bytes(hashLength),
      extensions: [],
    };
  }

  async sign(content: Content, wireFormat: WireFormat, tag: Uint8Array): Promise<AuthenticatedContent> {
    const { groupId, epoch } = this.context;
    const framed = {
      groupId,
      epoch,
      sender: { senderType: SenderType.member, leafIndex: SENDER },
      authenticatedData: new Uint8Array(),
      ...content,
    } as const;
    const signature = await signContent(this.suite, this.signer, {
      wireFormat,
      content: framed,
      context: this.context,
    });
    const isCommit = content.contentType === ContentType.commit;
    return {
      wireFormat,
      content: framed,
      auth: { signature, confirmationTag: isCommit ? tag : undefined },
    };
  }
}

function contents(suite: CipherSuite, draw: Draw): Record<keyof typeof PADDING, Content> {
  const psk = {
    pskType: PskType.external,
    pskId: draw.bytes(20),
    pskNonce: draw.bytes(suite.params.kdf.hashLength),
  } as const;
  const value = {
    type: ProposalOrRefType.proposal,
    proposal: { proposalType: ProposalType.psk, psk },
  } as const;
  const reference = {
    type: ProposalOrRefType.reference,
    reference: draw.bytes(suite.params.kdf.hashLength),
  } as const;
  return {
    proposal: {
      contentType: ContentType.proposal,
      proposal: { proposalType: ProposalType.remove, removed: 0 },
    },
    commit: {
      contentType: ContentType.commit,
      commit: { proposals: [value, reference], path: undefined },
    },
    application: { contentType: ContentType.application, applicationData: draw.bytes(77) },
  };
}

async function frameOf(suite: CipherSuite, draw: Draw): Promise<{ frame: Frame; privateKey: Uint8Array }> {
  const { publicKey, privateKey } = await suite.generateSignatureKeys();
  const signer = { publicKey, sign: async (message: Uint8Array) => suite.sign(privateKey, message) };
  return { frame: new Frame(suite, draw, signer), privateKey };
}

export async function messageProtectionCases(suite: CipherSuite): Promise<object[]> {
  const draw = new Draw(`message-protection ${suite.id}`);
  const { hashLength } = suite.params.kdf;
  const { frame, privateKey } = await frameOf(suite, draw);
  const [encryptionSecret, senderDataSecret, membershipKey, tag] = Array.from({ length: 4 }, () =>
    draw.bytes(hashLength),
  ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const { context } = frame;
  const messages: Record<string, string> = {};
  for (const [kind, content] of Object.entries(contents(suite, draw))) {
    const raw =
      content.contentType === ContentType.application
        ? content.applicationData
        : encode(contentBody(content.contentType), content);
    messages[kind] = bytesToHex(raw);
    const application = content.contentType === ContentType.application;
    if (!application) {
      const signed = await frame.sign(content, WireFormat.mlsPublicMessage, tag);
      const publicMessage = protectPublic(suite, signed, membershipKey, context);
      messages[`${kind}_pub`] = bytesToHex(
        encodeMlsMessage({ wireFormat: WireFormat.mlsPublicMessage, publicMessage }),
      );
    }
    // A fresh tree for each: so every message is of generation 0, and they can be opened in any order.
    const root = new Secret(encryptionSecret.slice());
    const tree = SecretTree.create(suite, 2, root, DEFAULT_LIMITS);
    const privateMessage = await sealPrivate(suite, {
      authenticated: await frame.sign(content, WireFormat.mlsPrivateMessage, tag),
      senderDataSecret: senderDataSecret.slice(),
      ratchetKey: tree.take(SENDER, application ? "application" : "handshake"),
      padding: PADDING[kind as keyof typeof PADDING],
    });
    messages[`${kind}_priv`] = bytesToHex(
      encodeMlsMessage({ wireFormat: WireFormat.mlsPrivateMessage, privateMessage }),
    );
  }
  return [
    {
      cipher_suite: suite.id,
      group_id: bytesToHex(context.groupId),
      epoch: Number(context.epoch),
      tree_hash: bytesToHex(context.treeHash),
      confirmed_transcript_hash: bytesToHex(context.confirmedTranscriptHash),
      signature_priv: bytesToHex(privateKey),
      signature_pub: bytesToHex(frame.signer.publicKey),
      encryption_secret: bytesToHex(encryptionSecret),
      sender_data_secret: bytesToHex(senderDataSecret),
      membership_key: bytesToHex(membershipKey),
      ...messages,
    },
  ];
}

export async function transcriptHashesCases(suite: CipherSuite): Promise<object[]> {
  const cases: object[] = [];
  for (const wireFormat of [WireFormat.mlsPublicMessage, WireFormat.mlsPrivateMessage]) {
    const draw = new Draw(`transcript-hashes ${suite.id} ${wireFormat}`);
    const { hashLength } = suite.params.kdf;
    const { frame } = await frameOf(suite, draw);
    const [confirmationKey, before] = [draw.bytes(hashLength), draw.bytes(hashLength)];
    const signed = await frame.sign(contents(suite, draw).commit, wireFormat, new Uint8Array(hashLength));
    const { content, auth } = signed;
    const input = encodeConfirmedTranscriptHashInput({ wireFormat, content, signature: auth.signature });
    const confirmed = confirmedTranscriptHash(suite, before, input);
    const tag = confirmationTag(suite, confirmationKey, confirmed);
    const complete = { ...signed, auth: { ...auth, confirmationTag: tag } };
    cases.push({
      cipher_suite: suite.id,
      confirmation_key: bytesToHex(confirmationKey),
      authenticated_content: bytesToHex(encode(authenticatedContent, complete)),
      interim_transcript_hash_before: bytesToHex(before),
      confirmed_transcript_hash_after: bytesToHex(confirmed),
      interim_transcript_hash_after: bytesToHex(interimTranscriptHash(suite, confirmed, tag)),
    });
  }
  return cases;
}
