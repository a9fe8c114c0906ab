import type { CipherSuite, Signer } from "@openmls-ts/traits";
import { encode } from "../codec/index.ts";
import { signContent } from "../protection/index.ts";
import {
  type AuthenticatedContent,
  type Content,
  encodeMlsMessage,
  type FramedContent,
  type GroupContext,
  type KeyPackageStruct,
  keyPackageTbs,
  type LeafNode,
  type LeafNodePosition,
  leafNodeTbs,
  type Proposal,
  type PublicMessage,
  type Sender,
  type UnsignedLeafNode,
} from "../wire/index.ts";
import { sealPrivate } from "../protection/private-protection.ts";
import { proposalRef } from "../protection/proposal-ref.ts";
import { membershipTag } from "../protection/public-protection.ts";
import type { Inside } from "./inside.ts";
import type { SecretBytes } from "../key-schedule/index.ts";
import { signWithLabel } from "../labels/index.ts";
import { ContentType, LeafNodeSource, SenderType, WireFormat } from "../registry.ts";
import { defaultCapabilities } from "../tree/supported.ts";
import type { Client } from "./client.ts";

// A hostile insider: whoever holds all keys of one member, and this library without its checks. Everything around the
// one thing that is wrong is done right: signatures, tags and hashes.

/** What is wrong about a message around its content. */
export interface Wrapping {
  readonly wireFormat?: typeof WireFormat.mlsPublicMessage | typeof WireFormat.mlsPrivateMessage;
  /** What the signature says the wire format is. Default: what it is. */
  readonly signedFormat?: WireFormat;
  readonly sender?: Sender;
  readonly signer?: Signer;
  readonly signContext?: (context: GroupContext) => GroupContext;
  readonly editContent?: (content: FramedContent) => FramedContent;
  readonly editSignature?: (signature: Uint8Array) => Uint8Array;
  readonly membershipKey?: SecretBytes;
  readonly editMembershipTag?: (tag: Uint8Array) => Uint8Array;
  readonly generation?: number;
  readonly padding?: number;
}

/** One bit of a byte string turned round. */
export function flip(bytes: Uint8Array, at = 0): Uint8Array {
  return bytes.map((byte, i) => (i === (at < 0 ? bytes.length + at : at) ? byte ^ 1 : byte));
}

export async function signed(
  state: Inside,
  signer: Signer,
  content: FramedContent,
  wrapping: Wrapping,
): Promise<AuthenticatedContent> {
  const { groupContext } = state.epoch;
  const wireFormat = wrapping.wireFormat ?? WireFormat.mlsPublicMessage;
  const signature = await signContent(state.env.suite, wrapping.signer ?? signer, {
    wireFormat: wrapping.signedFormat ?? wireFormat,
    content,
    context: wrapping.signContext?.(groupContext) ?? groupContext,
  });
  return {
    wireFormat,
    content,
    auth: { signature: wrapping.editSignature?.(signature) ?? signature, confirmationTag: undefined },
  };
}

/** Puts signed content on the wire. */
export async function wrapped(
  state: Inside,
  authenticated: AuthenticatedContent,
  wrapping: Wrapping,
): Promise<Uint8Array> {
  const { env, epoch, ownLeaf, secretTree } = state;
  const { wireFormat, content, auth } = authenticated;
  if (wireFormat === WireFormat.mlsPrivateMessage) {
    const kind = content.contentType === ContentType.application ? "application" : "handshake";
    let ratchetKey = secretTree.take(ownLeaf, kind);
    while (ratchetKey.generation < (wrapping.generation ?? 0)) {
      ratchetKey = secretTree.take(ownLeaf, kind);
    }
    const privateMessage = await sealPrivate(env.suite, {
      authenticated,
      senderDataSecret: epoch.secrets.senderDataSecret,
      ratchetKey,
      padding: wrapping.padding ?? 0,
    });
    return encodeMlsMessage({ wireFormat, privateMessage });
  }
  const key = wrapping.membershipKey ?? epoch.secrets.membershipKey;
  const context = wrapping.signContext?.(epoch.groupContext) ?? epoch.groupContext;
  const tag =
    content.sender.senderType === SenderType.member
      ? membershipTag(env.suite, key, authenticated, context)
      : undefined;
  const publicMessage: PublicMessage = {
    content,
    auth,
    membershipTag: tag === undefined ? undefined : (wrapping.editMembershipTag?.(tag) ?? tag),
  };
  return encodeMlsMessage({ wireFormat: WireFormat.mlsPublicMessage, publicMessage });
}

export function framed(state: Inside, content: Content, wrapping: Wrapping): FramedContent {
  const { groupId, epoch } = state.epoch.groupContext;
  const plain: FramedContent = {
    groupId,
    epoch,
    sender: wrapping.sender ?? { senderType: SenderType.member, leafIndex: state.ownLeaf },
    authenticatedData: new Uint8Array(),
    ...content,
  };
  return wrapping.editContent?.(plain) ?? plain;
}

/** Any content from any sender, signed and wrapped. Commits need `forgeCommit`. */
export async function forgeMessage(
  state: Inside,
  signer: Signer,
  content: Content,
  wrapping: Wrapping = {},
): Promise<{ readonly message: Uint8Array; readonly reference: Uint8Array }> {
  const plain = await signed(state, signer, framed(state, content, wrapping), wrapping);
  const isCommit = content.contentType === ContentType.commit;
  const authenticated: AuthenticatedContent = isCommit
    ? { ...plain, auth: { ...plain.auth, confirmationTag: new Uint8Array(32) } }
    : plain;
  return {
    message: await wrapped(state, authenticated, wrapping),
    reference: proposalRef(state.env.suite, authenticated),
  };
}

/** A proposal that skips every check of its sender. */
export async function forgeProposal(
  state: Inside,
  signer: Signer,
  proposal: Proposal,
  wrapping: Wrapping = {},
): Promise<{ readonly message: Uint8Array; readonly reference: Uint8Array }> {
  return forgeMessage(state, signer, { contentType: ContentType.proposal, proposal }, wrapping);
}

/** Signs a leaf without looking at it. */
export async function forgeLeaf(
  signer: Signer,
  unsigned: UnsignedLeafNode,
  position?: LeafNodePosition,
): Promise<LeafNode> {
  const tbs = encode(leafNodeTbs, { ...unsigned, ...position });
  return { ...unsigned, signature: await signWithLabel(signer, "LeafNodeTBS", tbs) };
}

/** What is wrong about a KeyPackage. */
export interface KeyPackageDefects {
  readonly leaf?: (leaf: UnsignedLeafNode) => UnsignedLeafNode;
  readonly leafSigner?: Signer;
  readonly signedLeaf?: (leaf: LeafNode) => LeafNode;
  readonly fields?: (fields: Omit<KeyPackageStruct, "signature">) => Omit<KeyPackageStruct, "signature">;
  readonly signer?: Signer;
  readonly label?: string;
  readonly after?: (fields: KeyPackageStruct) => KeyPackageStruct;
}

/** A fresh HPKE public key. */
export async function freshKey(suite: CipherSuite): Promise<Uint8Array> {
  return (await suite.deriveKeyPair(suite.randomBytes(suite.params.kem.privateKeyLength))).publicKey;
}

/** A KeyPackage of a client, with any defect, and signed all the same. */
export async function forgeKeyPackage(
  owner: Client,
  defects: KeyPackageDefects = {},
): Promise<KeyPackageStruct> {
  const suite = await owner.provider.crypto.cipherSuite(owner.suite);
  const plainLeaf: UnsignedLeafNode = {
    encryptionKey: await freshKey(suite),
    ...owner.credentialWithKey,
    capabilities: defaultCapabilities(),
    leafNodeSource: LeafNodeSource.keyPackage,
    lifetime: { notBefore: 0n, notAfter: 0xffff_ffff_ffffn },
    extensions: [],
  };
  const unsignedLeaf = defects.leaf?.(plainLeaf) ?? plainLeaf;
  const position = { groupId: new Uint8Array(), leafIndex: 0 };
  const honestLeaf = await forgeLeaf(defects.leafSigner ?? owner.signer, unsignedLeaf, position);
  const plain: Omit<KeyPackageStruct, "signature"> = {
    version: 1,
    cipherSuite: owner.suite,
    initKey: await freshKey(suite),
    leafNode: defects.signedLeaf?.(honestLeaf) ?? honestLeaf,
    extensions: [],
  };
  const fields = defects.fields?.(plain) ?? plain;
  const signature = await signWithLabel(
    defects.signer ?? owner.signer,
    defects.label ?? "KeyPackageTBS",
    encode(keyPackageTbs, fields),
  );
  const keyPackage = { ...fields, signature };
  return defects.after?.(keyPackage) ?? keyPackage;
}
